/**
 * A process of a service: on `start` a thousand callers want one cold key at once. The row comes from a Redis counter,
 * kept by a client of its own, so that loads of all processes add up.
 * Arguments: port, namespace, name of the counter.
 */
import { Redis } from 'ioredis';
import { createCache } from '../../../../src/create';

async function main(): Promise<void> {
  const [port, namespace, counter] = process.argv.slice(2) as [string, string, string];
  const cache = createCache({ namespace, l2: { host: '127.0.0.1', port } });
  const rows = new Redis(Number(port), '127.0.0.1');
  await cache.ready();
  await rows.ping();
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  const load = async () => ({ row: await rows.incr(counter) });
  const values = await Promise.all(
    Array.from({ length: 1_000 }, () => cache.getOrSet('provider:42:stats', load)),
  );
  const distinct = [...new Set(values.map((value) => JSON.stringify(value)))];
  await cache.close();
  rows.disconnect();
  process.send?.({ distinct });
  process.disconnect();
}

void main();
