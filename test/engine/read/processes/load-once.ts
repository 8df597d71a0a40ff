/**
 * A process of a service: on `start` a thousand callers want one cold key at once. The row comes from a Redis counter,
 * kept by a client of its own, so that loads of all processes add up; it arrives on `end`.
 * Arguments: port, namespace, name of the counter, and how long a call inside a load waits for another load.
 */
import { Redis } from 'ioredis';
import { createCache } from '../../../../src/create';

const told = (): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));

async function main(): Promise<void> {
  const [port, namespace, counter, wait] = process.argv.slice(2) as [string, string, string, `${number}ms`];
  const cache = createCache({
    namespace,
    l2: { host: '127.0.0.1', port },
    load: { wait },
  });
  const rows = new Redis(Number(port), '127.0.0.1');
  await cache.ready();
  await rows.ping();
  process.send?.('ready');
  await told();
  const ended = told();
  const load = async () => {
    const row = await rows.incr(counter);
    await ended;
    return { row };
  };
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
