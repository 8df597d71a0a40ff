/** Redis is stopped under running workers, a change is made without it, and it is started again. */
import type { SecondTier } from '../../signals/second-tier';
import type { WorkerHandle } from '../fleet/fleet';
import type { Burst } from '../fleet/guild-worker';
import { machineTime } from '../fleet/machine-time';
import { ms, type Presentation } from '../presentation';
import type { View } from '../services/guild-services';
import { ALICE, GUILD, OTHER_GUILD } from './population';
import { soon } from './soon';

type Server = NonNullable<SecondTier['server']>;

const CACHED: readonly View[] = [
  ['leaderboard', GUILD],
  ['leaderboard', OTHER_GUILD],
  ['config', GUILD],
];
const ROUNDS = 20;
const COLD: readonly View[] = Array.from({ length: 10 }, (_, index) => ['vault', `9000${index}`]);
const BACK_WITHIN_MS = 1_000;

export async function showOutage(
  presentation: Presentation,
  workers: readonly WorkerHandle[],
  server: Server,
): Promise<void> {
  presentation.heading('Redis is stopped, and started again');
  await Promise.all(workers.map((worker) => worker.bringIntoMemory(CACHED)));
  await server.kill();
  await soon('workers know that Redis is down', untilAll(workers, 'down'));

  const cached = Array.from({ length: ROUNDS }, () => CACHED).flat();
  const hot = await Promise.all(workers.map((worker) => worker.readEach(cached)));
  const cold = await Promise.all(workers.map((worker) => worker.readEach(COLD)));
  presentation.fact('In memory', burstText(hot));
  presentation.fact('Not cached', burstText(cold));
  const failed = [...hot, ...cold].reduce((sum, burst) => sum + burst.failed, 0);
  presentation.promise('No read fails while Redis is away', failed === 0);

  const [writer] = workers;
  const vault: View = ['vault', ALICE];
  const before = await writer!.revisionOf(vault);
  const { acknowledged } = await writer!.make(['deposit', ALICE, 1]);
  const own = await writer!.revisionOf(vault);
  presentation.promise(
    'A change is not acknowledged, but queued; the worker that made it shows it at once',
    !acknowledged && own > before,
  );

  await server.restart();
  const startedAt = machineTime();
  const readyAt = await soon('workers use Redis again', untilAll(workers, 'ready'));
  const backMs = Math.max(...readyAt) - startedAt;
  presentation.promise(`All use Redis again ${ms(backMs)} after its return`, backMs < BACK_WITHIN_MS);
  const revisions = await Promise.all(workers.map((worker) => worker.revisionOf(vault)));
  presentation.promise(
    'All show the change that was made meanwhile',
    revisions.every((revision) => revision === own),
  );
  presentation.fact('Breaker', (await writer!.breakerStates()).join(', '));
}

function untilAll(workers: readonly WorkerHandle[], state: 'ready' | 'down'): Promise<number[]> {
  return Promise.all(workers.map((worker) => worker.untilL2Is(state)));
}

function burstText(bursts: readonly Burst[]): string {
  const reads = bursts.reduce((sum, burst) => sum + burst.reads, 0);
  const slowest = Math.max(...bursts.map(({ slowestMs }) => slowestMs));
  return `${reads} reads, the slowest took ${ms(slowest)}`;
}
