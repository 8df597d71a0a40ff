/**
 * Every method of the invalidator: what a change concerns is in the memory of all workers, one of them makes it, and all of
 * them, which read on and on meanwhile, have to show it.
 */
import { cacheConfig } from '../cache.config';
import type { WorkerHandle } from '../fleet/fleet';
import type { Made } from '../fleet/guild-worker';
import type { L2Read } from '../fleet/watch';
import type { GuildDatabase } from '../guild-database';
import { ms, type Presentation } from '../presentation';
import { keyOf } from '../services/guild-services';
import { STEPS, type Step } from './steps';

interface Outcome {
  /** Index of the worker that made the change. */
  readonly writer: number;
  /** Whether all had been in the memory of all workers. */
  readonly cached: boolean;
  readonly acknowledged: boolean;
  /** From the acknowledgement until every worker had read all that is new; `null`: never. */
  readonly seenAfterMs: number | null;
  /** From the acknowledgement to the begin of the last read that gave an old value: in the writer, and in the others. */
  readonly oldInWriterMs: number;
  readonly oldElsewhereMs: number;
  readonly revisions: readonly number[];
  readonly loads: number;
  readonly bystandersLoaded: number;
}

const STALENESS_BOUND_MS = Number.parseInt(cacheConfig.coherence.stalenessBound, 10);

const TITLES = [
  'Method of the invalidator',
  'By',
  'Cached before',
  'They read after',
  'All see it',
  'Last old read',
  'Queries',
];

export async function showUpdates(
  presentation: Presentation,
  workers: readonly WorkerHandle[],
  database: GuildDatabase,
): Promise<void> {
  const outcomes: [Step, Outcome][] = [];
  for (const [index, step] of STEPS.entries()) {
    // Each worker has its turn.
    outcomes.push([step, await outcomeOf(step, index % workers.length, workers, database)]);
  }
  presentation.heading(
    workers.length === 1
      ? 'Changes, seen by the only worker'
      : `A change by one of ${workers.length} workers, seen by all`,
  );
  presentation.table(
    TITLES,
    outcomes.map(([step, outcome]) => row(step, outcome, workers.length)),
    outcomes.map(([{ concerned }]) => concerned.map(keyOf).join('  ')),
  );
  const all = (claim: string, broken: (outcome: Outcome) => boolean): void => {
    const exceptions = outcomes.filter(([, outcome]) => broken(outcome)).map(([{ method }]) => method);
    presentation.promise(
      `${claim}${exceptions.length === 0 ? '' : `: not after ${exceptions}`}`,
      exceptions.length === 0,
    );
  };
  all('All of it was in the memory of every worker before', ({ cached }) => !cached);
  all('Every change was acknowledged', ({ acknowledged }) => !acknowledged);
  all('Every worker has read what is new, and all the same', (outcome) => !isSeenByAll(outcome));
  all(
    'In the worker that made the change no read that began after it got an old value',
    ({ oldInWriterMs }) => oldInWriterMs > 0,
  );
  if (workers.length > 1) {
    all(
      `In the others none that began later than ${STALENESS_BOUND_MS} ms after it`,
      ({ oldElsewhereMs }) => oldElsewhereMs > STALENESS_BOUND_MS,
    );
  }
  all('What is next to it stayed in the cache', ({ bystandersLoaded }) => bystandersLoaded > 0);
}

async function outcomeOf(
  { change, concerned, bystanders }: Step,
  writer: number,
  workers: readonly WorkerHandle[],
  database: GuildDatabase,
): Promise<Outcome> {
  const cached = await everyWorker(workers, (worker) =>
    worker.bringIntoMemory([...concerned, ...bystanders]),
  );
  await everyWorker(workers, (worker) => worker.beginWatch(concerned));
  const queriesBefore = database.queries;
  const made = await workers[writer]!.make(change);
  const sightings = await everyWorker(workers, (worker) => worker.endWatch());
  const loads = database.queries - queriesBefore - 1;
  const revisions = await everyWorker(workers, (worker) => worker.revisionOf(concerned[0]!));

  const queriesBeforeBystanders = database.queries;
  await everyWorker(workers, (worker) => worker.readEach(bystanders));
  return {
    writer,
    cached: cached.every(Boolean),
    acknowledged: made.acknowledged,
    ...timesOf(made, sightings, writer),
    revisions,
    loads,
    bystandersLoaded: database.queries - queriesBeforeBystanders,
  };
}

function timesOf({ at }: Made, sightings: readonly L2Read[], writer: number) {
  const seen = sightings.map(({ allNewAt }) => allNewAt);
  const old = sightings.map(({ lastOldAt }) => lastOldAt - at);
  return {
    seenAfterMs: seen.includes(null) ? null : Math.max(0, ...seen.map((moment) => moment! - at)),
    oldInWriterMs: old[writer]!,
    oldElsewhereMs: Math.max(...old.filter((_, index) => index !== writer)),
  };
}

function isSeenByAll({ seenAfterMs, revisions }: Outcome): boolean {
  return seenAfterMs !== null && new Set(revisions).size === 1;
}

function row({ method }: Step, outcome: Outcome, workers: number): string[] {
  const { writer, cached, seenAfterMs, oldInWriterMs, oldElsewhereMs, revisions, loads } = outcome;
  const lastOldMs = Math.max(oldInWriterMs, oldElsewhereMs);
  return [
    method,
    `worker ${writer + 1}`,
    cached ? `in all ${workers}` : 'not in all',
    `revision ${revisions.join(', ')}`,
    seenText(seenAfterMs),
    lastOldMs <= 0 ? 'before it' : `after ${ms(lastOldMs)}`,
    `${loads}`,
  ];
}

function seenText(afterMs: number | null): string {
  if (afterMs === null) return 'never';
  return afterMs === 0 ? 'at once' : `after ${ms(afterMs)}`;
}

function everyWorker<V>(
  workers: readonly WorkerHandle[],
  ask: (worker: WorkerHandle) => Promise<V>,
): Promise<V[]> {
  return Promise.all(workers.map(ask));
}
