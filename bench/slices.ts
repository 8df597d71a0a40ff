/**
 * Compares two contenders in one process, in short slices that alternate: whatever disturbs the machine disturbs both.
 * Between slices the event loop turns. Otherwise timers and sockets starve, the trust in the channel ends after 40 ms, and
 * what is meant to be a hit of L1 becomes a read of L2. A slice that did anything but what it was meant to does not count.
 */
import { type Contender, type Figure, figureOf } from './contender';

export interface SliceOptions {
  /** How many calls are under way at a time. Default: 1. */
  readonly width?: number;
  /**
   * `cpu`: the time that the process had a processor, which others on the machine disturb least; for what waits for nothing.
   * `elapsed`: for what waits for Redis.
   */
  readonly time: 'cpu' | 'elapsed';
  /** Pairs of slices. Default: 151. */
  readonly rounds?: number;
}

interface Slice {
  /** Of one call. */
  readonly ns: number;
  readonly isPure: boolean;
}

/** A tenth of what trust lasts without a turn of the event loop. */
const SLICE_MS = 4;
const WARM_UP_MS = 500;
const ROUNDS = 151;
/** A benchmark that mostly measures something else must fail, not report. */
const MOST_IMPURE = 0.25;

/** The time of the first by that of the second. */
export async function compare(first: Contender, second: Contender, options: SliceOptions): Promise<Figure> {
  const { width = 1, rounds = ROUNDS } = options;
  const timesOfFirst = await calibrated(first, width);
  const timesOfSecond = await calibrated(second, width);
  const firsts: Slice[] = [];
  const seconds: Slice[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begins = round % 2 === 0;
    // Who begins changes with every round, or a slow drift of the machine would favour one of them.
    if (begins) firsts.push(await slice(first, timesOfFirst, options));
    seconds.push(await slice(second, timesOfSecond, options));
    if (!begins) firsts.push(await slice(first, timesOfFirst, options));
  }
  const pure = firsts
    .map((one, round) => ({ one, other: seconds[round]! }))
    .filter(({ one, other }) => one.isPure && other.isPure);
  const dropped = rounds - pure.length;
  if (dropped > rounds * MOST_IMPURE) {
    throw new Error(`${dropped} of ${rounds} slices did something else than they were meant to`);
  }
  const { value: ns } = figureOf(pure.map(({ one }) => one.ns));
  const { value: byHand } = figureOf(pure.map(({ other }) => other.ns));
  const note = `${timeText(ns)} : ${timeText(byHand)}${dropped === 0 ? '' : `, ${dropped} slices dropped`}`;
  return { ...figureOf(pure.map(({ one, other }) => one.ns / other.ns)), note };
}

/** Two turns: what had arrived before the first is read by the second. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function timeText(ns: number): string {
  return ns < 1_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} us`;
}

/** Calls `call` for 0, 1, and so on, `width` at a time. Gives how many had a result. */
export function inWidth(width: number, call: (step: number) => Promise<unknown>): Contender['run'] {
  let step = 0;
  return async (times) => {
    let results = 0;
    for (let done = 0; done < times; done += width) {
      if (width === 1) results += (await call(step)) === undefined ? 0 : 1;
      else {
        const some = await Promise.all(Array.from({ length: width }, (_, index) => call(step + index)));
        results += some.length;
      }
      step += width;
    }
    return results;
  };
}

async function slice(contender: Contender, times: number, { time }: SliceOptions): Promise<Slice> {
  await turns();
  const before = contender.proof?.();
  const cpuBefore = process.cpuUsage();
  const startedAt = process.hrtime.bigint();
  await contender.run(times);
  const elapsedNs = Number(process.hrtime.bigint() - startedAt);
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = contender.proof?.();
  const isPure =
    before === undefined ||
    after === undefined ||
    (after.calls - before.calls === times && after.asMeant - before.asMeant === times);
  return { ns: (time === 'cpu' ? (user + system) * 1_000 : elapsedNs) / times, isPure };
}

/** How many calls fill a slice, once V8 has compiled what they run. */
async function calibrated(contender: Contender, width: number): Promise<number> {
  const end = performance.now() + WARM_UP_MS;
  let times = width;
  while (performance.now() < end) {
    await turns();
    const startedAt = performance.now();
    await contender.run(times);
    const perCallMs = (performance.now() - startedAt) / times;
    times = Math.max(1, Math.round(Math.min(times * 4, SLICE_MS / perCallMs) / width)) * width;
  }
  return times;
}
