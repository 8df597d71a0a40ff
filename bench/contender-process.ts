/**
 * One contender in a process of its own: what the JIT compiler learns of one must neither help nor harm the other.
 * Warms up, then measures one round whenever it is asked to, and is idle in between.
 *
 * Arguments: the name of a file in `contenders/`, and the settings as JSON.
 */
import { join } from 'node:path';
import type { Contender, Measurement, Prepare, Settings } from './contender';

const WARM_UP_MS = 700;
const ROUND_MS = 25;
/** A round begins on a CPU that others have used meanwhile: this part of it runs before the clock starts. */
const LEAD_IN = 0.25;

async function main([name, settings]: readonly string[]): Promise<void> {
  const { prepare } = require(join(__dirname, 'contenders', name!)) as { readonly prepare: Prepare };
  const { concurrency, ...rest } = JSON.parse(settings!) as Settings;
  const contender = await prepare({ concurrency, ...rest });
  const times = await timesPerRound(contender, concurrency);
  process.on('disconnect', () => void contender.close());
  process.on('message', () => {
    void measure(contender, times, concurrency).then((measurement) => process.send!(measurement));
  });
  process.send!('ready');
}

async function measure(contender: Contender, times: number, concurrency: number): Promise<Measurement> {
  await contender.run(multipleOf(concurrency, times * LEAD_IN));
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await contender.run(times);
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { elapsedNs: (elapsedMs * 1e6) / times, cpuNs: ((user + system) * 1e3) / times };
}

async function timesPerRound(contender: Contender, concurrency: number): Promise<number> {
  const startedAt = performance.now();
  let times = concurrency * 16;
  let lastMs = 0;
  while (performance.now() - startedAt < WARM_UP_MS) {
    const begun = performance.now();
    await contender.run(times);
    lastMs = performance.now() - begun;
    if (lastMs < ROUND_MS / 2) times *= 2;
  }
  return multipleOf(concurrency, (times * ROUND_MS) / lastMs);
}

function multipleOf(step: number, times: number): number {
  return Math.max(1, Math.round(times / step)) * step;
}

void main(process.argv.slice(2));
