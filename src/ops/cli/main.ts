#!/usr/bin/env node
/**
 * The command `tiercel`. It ends the process once all is written: the module that it has loaded may hold connections
 * and timers of its own.
 */
import { run } from './run';

void run(process.argv.slice(2)).then(({ code, out, err }) => {
  process.stderr.write(err, () => process.stdout.write(out, () => process.exit(code)));
});
