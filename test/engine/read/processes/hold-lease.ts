/**
 * A process that begins to load and never ends: the test kills it while it holds the lease.
 * Arguments: port, namespace, lease.
 */
import type { DurationText } from '../../../../src/config/durations';
import { createCache } from '../../../../src/create';

async function main(): Promise<void> {
  const [port, namespace, lease] = process.argv.slice(2) as [string, string, DurationText];
  const cache = createCache({ namespace, l2: { host: '127.0.0.1', port }, load: { lease } });
  await cache.ready();
  await cache.getOrSet('provider:42:stats', () => {
    process.send?.('loading');
    return new Promise(() => setInterval(() => undefined, 1_000));
  });
}

void main();
