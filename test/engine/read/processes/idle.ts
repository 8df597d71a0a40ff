/**
 * A process that has used a cache and has nothing more to do. Tells its state, and the rest is whether it ends.
 * Arguments: `none`, or the port of Redis; `open`, or `close` to end the cache first.
 */
import { createCache } from '../../../../src/create';

async function main(): Promise<void> {
  const [port, end] = process.argv.slice(2) as [string, 'open' | 'close'];
  const cache = createCache(port === 'none' ? {} : { l2: { host: '127.0.0.1', port } });
  await cache.ready();
  await cache.getOrSet('provider:42:stats', async () => 'row');
  if (port !== 'none') await cache.delete('provider:42:stats');
  if (end === 'close') {
    await new Promise((resolve) => {
      process.once('message', resolve);
      process.send?.('used');
    });
    await cache.close();
    process.send?.('closed');
  } else process.send?.('used');
  process.disconnect();
}

void main();
