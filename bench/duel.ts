/**
 * Two contenders, each in its own process, measured in turns: the machine is never quiet, but whatever disturbs it
 * disturbs both. A round is one measurement of each, and only its ratio counts. Processes differ, too (addresses, hash
 * seeds, what the JIT happens to choose), so a duel is fought by several generations of processes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Measurement, Settings } from './contender';

const GENERATIONS = 3;
const ROUNDS_PER_GENERATION = 21;

export interface DuelResult {
  /** Time of the first by time of the second: the median of all rounds. */
  readonly ratio: number;
  /** Lower and upper quartile of the rounds' ratios. */
  readonly spread: readonly [number, number];
  /** As `ratio`, of the CPU time that their processes used. */
  readonly cpuRatio: number;
  /** Median time of one read, in ns. */
  readonly firstNs: number;
  readonly secondNs: number;
}

interface Round {
  readonly first: Measurement;
  readonly second: Measurement;
}

export async function duel(first: string, second: string, settings: Settings): Promise<DuelResult> {
  const rounds: Round[] = [];
  for (let generation = 0; generation < GENERATIONS; generation += 1) {
    rounds.push(...(await generationOf(first, second, settings)));
  }
  const ratios = sorted(rounds.map(({ first, second }) => first.elapsedNs / second.elapsedNs));
  return {
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    cpuRatio: median(rounds.map(({ first, second }) => first.cpuNs / second.cpuNs)),
    firstNs: median(rounds.map(({ first }) => first.elapsedNs)),
    secondNs: median(rounds.map(({ second }) => second.elapsedNs)),
  };
}

async function generationOf(first: string, second: string, settings: Settings): Promise<Round[]> {
  // One after the other: while one warms up, nothing else is to run.
  const processes = [await start(first, settings), await start(second, settings)] as const;
  try {
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS_PER_GENERATION; round += 1) {
      // Who begins changes with every round, or a slow drift of the machine would favour one of them.
      if (round % 2 === 0) {
        const ofFirst = await measured(processes[0]);
        rounds.push({ first: ofFirst, second: await measured(processes[1]) });
      } else {
        const ofSecond = await measured(processes[1]);
        rounds.push({ first: await measured(processes[0]), second: ofSecond });
      }
    }
    return rounds;
  } finally {
    await Promise.all(processes.map(end));
  }
}

async function start(name: string, settings: Settings): Promise<ChildProcess> {
  const child = fork(join(__dirname, 'contender-process'), [name, JSON.stringify(settings)], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await answer(child, name);
  return child;
}

async function measured(child: ChildProcess): Promise<Measurement> {
  child.send('round');
  return (await answer(child, 'a contender')) as Measurement;
}

async function answer(child: ChildProcess, name: string): Promise<unknown> {
  const ended = new AbortController();
  const died = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`${name} ended with code ${code}`);
  });
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]) => message),
      died,
    ]);
  } finally {
    died.catch(() => {});
    ended.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function sorted(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b);
}

export function median(numbers: readonly number[]): number {
  return quantile(sorted(numbers), 0.5);
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.round((ascending.length - 1) * share)]!;
}
