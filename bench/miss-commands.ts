/**
 * What one miss sends to Redis, as Redis itself reports it (MONITOR). Commands that a script runs inside the server are
 * no round trips. Scripts are known to the server by then, as they are after the first miss of any process.
 */
import { Redis } from 'ioredis';
import { createCache } from '../src/create';

export async function commandsOfMiss(redisPort: number): Promise<readonly string[]> {
  const control = new Redis(redisPort);
  const monitor = await control.monitor();
  const cache = createCache(
    { namespace: 'miss', l2: { host: '127.0.0.1', port: redisPort } },
    { default: false },
  );
  try {
    await cache.ready();
    await cache.getOrSet('provider:0:stats', async () => 'loaded');
    const sent: string[] = [];
    const allSeen = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, [command, ...rest]: string[], source: string) => {
        if (rest.includes('miss:provider:1:stats') && source !== 'lua') sent.push(command!.toUpperCase());
        if (rest.includes('end of the miss')) resolve();
      });
    });
    await cache.getOrSet('provider:1:stats', async () => 'loaded');
    await control.echo('end of the miss');
    await allSeen;
    return sent;
  } finally {
    await cache.close();
    monitor.disconnect();
    control.disconnect();
  }
}
