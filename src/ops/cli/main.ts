#!/usr/bin/env node
/**
 * The command `tiercel`. It ends the process once all is written: the module that it has loaded may hold connections
 * and timers of its own.
 */
import { createInterface } from 'node:readline/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Terminal } from './command';
import { run } from './run';

const { stdin, stdout, stderr, env } = process;
const CLEAR_SCREEN = '\u001b[2J\u001b[H';

const terminal: Terminal = {
  isInteractive: stdin.isTTY === true && stdout.isTTY === true && env['NO_COLOR'] === undefined,
  env,
  cwd: process.cwd(),
  ask: async (question) => {
    const lines = createInterface({ input: stdin, output: stderr });
    const answer = await lines.question(question);
    lines.close();
    return answer;
  },
};

async function main(args: readonly string[]): Promise<void> {
  // What the user's module prints while it is loaded must not be taken for the command's output.
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  for (;;) {
    const { code, out, err, againMs } = await run(args, terminal);
    stderr.write(err);
    await new Promise((resolve) => write(againMs === undefined ? out : CLEAR_SCREEN + out, resolve));
    if (againMs === undefined) process.exit(code);
    await wait(againMs);
  }
}

void main(process.argv.slice(2));
