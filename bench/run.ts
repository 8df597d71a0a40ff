/**
 * `npm run bench`: the paths that matter, each against what people write by hand, in one run on one machine. Only ratios
 * mean something. Prints the table, writes the figures as JSON beside it, and exits with 1 if a "must" was missed.
 * `npm run bench -- l1 memory` measures the files of `measurements/` whose names contain one of the words.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../test/support/redis-server';
import type { Figure, Figures } from './contender';
import { ROWS, type Row, reaches } from './rows';

const MEASUREMENTS = ['l1-hits', 'without-redis', 'memory', 'startup', 'l2', 'misses', 'groups'] as const;
const JSON_FILE = join(__dirname, 'figures.json');
/** For one measurement: beyond it, it hangs. */
const LIMIT_MS = 120_000;
const WIDTHS = [50, 12, 10, 16, 7, 7] as const;

async function main(wanted: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const figures: Record<string, Figure> = {};
  const failures: string[] = [];
  const server = await RedisServer.start();
  try {
    for (const name of MEASUREMENTS) {
      if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
      for (const port of name === 'l1-hits' ? [server.port, 0] : [server.port]) {
        try {
          Object.assign(figures, await measured(name, port));
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
    }
  } finally {
    await server.stop();
  }
  const machine = `Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim() ?? 'unknown'})`;
  print(`${machine}, load average ${loadavg()[0]!.toFixed(1)}\n`);
  print(row('path', 'first stage', 'now', 'quartiles', 'must', 'aim'));
  const missed = Object.entries(ROWS).filter(([path, bounds]) => !printed(path, bounds, figures[path]));
  writeFileSync(JSON_FILE, JSON.stringify({ machine, figures, rows: ROWS }, undefined, 2));
  print(`\n${Math.round((performance.now() - startedAt) / 1_000)} s; as JSON: ${JSON_FILE}`);
  for (const failure of failures) print(`not measured: ${failure}`);
  for (const [path] of missed) print(`missed a must: ${path}`);
  process.exitCode = missed.length + failures.length > 0 ? 1 : 0;
}

async function measured(name: string, redisPort: number): Promise<Figures> {
  const child = fork(join(__dirname, 'measurement-process'), [name, String(redisPort)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
    timeout: LIMIT_MS,
  });
  const exited = once(child, 'exit');
  const [figures] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`${name} ended with code ${code}`);
    }),
  ])) as [Figures];
  await exited;
  return figures;
}

/** Prints a row if it was measured. Returns false if it has missed its "must". */
function printed(path: string, { firstStage, must, aim, unit, isMoreBetter }: Row, figure?: Figure): boolean {
  if (figure === undefined) return true;
  const { value, quartiles, note } = figure;
  const text = (number: number): string => (number >= 100 ? number.toFixed(0) : number.toFixed(2));
  const spread = quartiles === undefined ? '' : quartiles.map(text).join(' to ');
  const now = unit === undefined ? text(value) : `${text(value)} ${unit}`;
  const isReached = reaches(value, must, isMoreBetter);
  const verdict = isReached ? (reaches(value, aim, isMoreBetter) ? '' : '  not the aim') : '  MISSED';
  const bounds = [must, aim].map((bound) => bound?.toString() ?? '');
  print(
    `${row(path, firstStage ?? '', now, spread, ...bounds)}${verdict}${note === undefined ? '' : `  (${note})`}`,
  );
  return isReached;
}

function row(...cells: readonly string[]): string {
  return cells
    .map((cell, column) => (column === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[column]!)))
    .join('');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main(process.argv.slice(2));
