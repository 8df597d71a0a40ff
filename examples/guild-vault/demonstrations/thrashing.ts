/** One wallet changes all the time: the invalidations are counted, and an alert says that caching it is useless. */
import type { WorkerHandle } from '../fleet/fleet';
import type { Presentation } from '../presentation';
import { WALLET } from './population';
import { soon } from './soon';

const CHANGES = 200;
const AT_A_TIME = 20;
const WINDOW_MS = 60_000;

export async function showThrashing(presentation: Presentation, worker: WorkerHandle): Promise<void> {
  presentation.heading(`A wallet that changes ${CHANGES} times in a row`);
  for (let change = 0; change < CHANGES; change += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, () => worker.make(['transfer', WALLET, 1])));
  }
  const message = await soon('an alert', worker.untilAlert('invalidation-rate'));
  const { total, byStrategy, byPattern } = await worker.invalidationStats(WINDOW_MS);
  const last = (await worker.invalidationHistory()).at(-1)!;
  presentation.promise(`Alert: ${message}`, total > CHANGES);
  presentation.fact('Last minute', `${total} invalidations by this worker: ${counts(byStrategy)}`);
  const [most, times] = Object.entries(byPattern).sort(([, a], [, b]) => b - a)[0]!;
  presentation.fact('Most often', `${most}, ${times} times`);
  const { at, strategy, patterns, reason } = last;
  presentation.fact('The last one', `${new Date(at).toISOString()} ${strategy} ${patterns} (${reason})`);
}

function counts(named: Readonly<Record<string, number>>): string {
  return Object.entries(named)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
