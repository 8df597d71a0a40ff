/** One process of a crowd: at a word, a thousand callers want one key that nobody has. Answers with the loads it ran. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCache } from '../src/create';

const CALLERS = 1_000;
const LOAD_MS = 50;

async function main([redisPort]: readonly string[]): Promise<void> {
  const cache = createCache({ namespace: 'crowd', l2: { host: '127.0.0.1', port: Number(redisPort) } });
  await cache.ready();
  process.on('disconnect', () => void cache.close());
  process.on('message', (key: string) => void rush(key).then((loads) => process.send!(loads)));
  process.send!('ready');

  async function rush(key: string): Promise<number> {
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      await sleep(LOAD_MS);
      return key;
    };
    await Promise.all(Array.from({ length: CALLERS }, () => cache.getOrSet(key, load)));
    return loads;
  }
}

void main(process.argv.slice(2));
