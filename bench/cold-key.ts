/** How often a cold key is loaded when the callers of several processes want it at the same moment. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROCESSES = 2;
const KEYS = 10;

/** The number of loads for each of the keys, in all processes together. */
export async function loadsOfColdKeys(redisPort: number): Promise<readonly number[]> {
  const crowd = Array.from({ length: PROCESSES }, () =>
    fork(join(__dirname, 'crowd-process'), [String(redisPort)]),
  );
  try {
    await Promise.all(crowd.map((child) => once(child, 'message')));
    const loads: number[] = [];
    for (let key = 0; key < KEYS; key += 1) {
      const answers = crowd.map((child) => once(child, 'message'));
      for (const child of crowd) child.send(`cold:${key}`);
      loads.push((await Promise.all(answers)).reduce((sum, [ofProcess]) => sum + (ofProcess as number), 0));
    }
    return loads;
  } finally {
    for (const child of crowd) child.disconnect();
  }
}
