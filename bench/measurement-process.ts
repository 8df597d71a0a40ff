/**
 * Runs one file of `measurements/` in a process of its own: what V8 learns of one must neither help nor harm the others.
 * Arguments: the name of the file, and the port of Redis; 0: without Redis.
 */
import { join } from 'node:path';
import type { Measure } from './contender';

async function main([name, port]: readonly string[]): Promise<void> {
  const { measure } = require(join(__dirname, 'measurements', name!)) as { readonly measure: Measure };
  const figures = await measure(Number(port));
  process.send!(figures, () => process.exit());
}

void main(process.argv.slice(2));
