/**
 * `npm run consistency`: processes read and write through the cache while faults strike, and every read is held against
 * the order of all writes. Ends with code 1 if a promise is broken.
 *
 *   --faults a,b    only these (default: all)       --seconds 10     of each trial
 *   --processes 4                                   --seed 1         repeats the schedules
 *   --adapter tiercel | textbook | bentocache       --l1-off         every fault without L1: then no read may be stale
 */
import { parseArgs } from 'node:util';
import { Arena } from './arena';
import { FAULTS } from './faults';
import { brokenPromises, EXACT } from './limits';
import { NotInstalled, otherPackage } from './other-packages';
import { HEADING, rowOf } from './table';
import { runTrial } from './trial';
import { CACHES } from './workload';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      faults: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      processes: { type: 'string', default: '4' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      adapter: { type: 'string', default: 'tiercel' },
      'l1-off': { type: 'boolean', default: false },
    },
  });
  const names = values.faults?.split(',') ?? FAULTS.map(({ name }) => name);
  const faults = names.map((name) => {
    const fault = FAULTS.find((one) => one.name === name);
    if (fault === undefined)
      throw new Error(`No fault ${name}; there are ${FAULTS.map((one) => one.name).join(', ')}.`);
    return fault;
  });
  const [seconds, processes, seed] = [Number(values.seconds), Number(values.processes), Number(values.seed)];
  const cache = CACHES.find((one) => one === values.adapter);
  if (cache === undefined) throw new Error(`No adapter ${values.adapter}; there are ${CACHES.join(', ')}.`);
  if (cache === 'bentocache') otherPackage(cache);
  const withoutL1 = values['l1-off'];
  print(`${processes} processes, ${seconds} s each, seed ${seed}\n\n${HEADING}`);
  let broken = 0;
  const arena = await Arena.open(processes);
  try {
    for (const fault of faults) {
      const result = await runTrial(arena, fault, {
        cache,
        seconds,
        seed,
        ...(withoutL1 ? { workload: { l1: false } } : {}),
      });
      print(rowOf(fault.name, result));
      for (const promise of brokenPromises(result, withoutL1 ? EXACT : fault.limits)) {
        broken += 1;
        print(`  BROKEN: ${promise}`);
      }
    }
  } finally {
    await arena.close();
  }
  print(broken === 0 ? '\nEvery promise was kept.' : `\n${broken} promises were broken.`);
  return broken === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof NotInstalled)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
