/**
 * `npm run bench`: the speed of the paths that matter, each against what people write by hand, in one run on one machine.
 * Only ratios mean something; the times are those of this machine at this moment. A missed target is marked and is not an
 * error: a loaded machine must not turn a build red. On such a machine look at the ratio of CPU times, too.
 */
import { cpus } from 'node:os';
import { RedisServer } from '../test/support/redis-server';
import { loadsOfColdKeys } from './cold-key';
import type { Settings } from './contender';
import { type DuelResult, duel } from './duel';
import { groupInvalidation } from './group-invalidation';
import { commandsOfMiss } from './miss-commands';

interface Race {
  readonly path: string;
  readonly contenders: readonly [tiercel: string, byHand: string];
  readonly settings: Omit<Settings, 'redisPort'>;
  readonly target: number;
}

const L1_HIT = ['decorated-l1-hit', 'lru-get-async'] as const;
const L2_HIT = ['decorated-l2-hit', 'redis-get'] as const;

const RACES: readonly Race[] = [
  {
    path: 'decorated L1 hit : async lru.get',
    contenders: L1_HIT,
    settings: { concurrency: 1, ids: 'decimal' },
    target: 1.5,
  },
  {
    path: 'decorated L1 hit, ids are UUIDs',
    contenders: L1_HIT,
    settings: { concurrency: 1, ids: 'uuid' },
    target: 1.5,
  },
  {
    path: 'peek : lru.get',
    contenders: ['peek', 'lru-get'],
    settings: { concurrency: 1, ids: 'decimal' },
    target: 1.5,
  },
  {
    path: 'L2 hit : JSON.parse(redis.get)',
    contenders: L2_HIT,
    settings: { concurrency: 1, ids: 'decimal' },
    target: 1.15,
  },
  {
    path: 'L2 hits, 64 at a time',
    contenders: L2_HIT,
    settings: { concurrency: 64, ids: 'decimal' },
    target: 1.15,
  },
];

const FEW_ENTRIES = 1_000;
const MANY_ENTRIES = 1_000_000;

const WIDTHS = [34, 8, 7, 15, 7, 10, 10] as const;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const server = await RedisServer.start();
  try {
    print(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim() ?? 'unknown'})\n`);
    print(row('path', 'target', 'ratio', 'quartiles', 'CPU', 'tiercel', 'by hand'));
    for (const race of RACES) {
      const settings = { ...race.settings, redisPort: server.port };
      print(rowOf(race, await duel(...race.contenders, settings)));
    }
    const commands = await commandsOfMiss(server.port);
    print(`\nOne miss, target 3 round trips: ${commands.length} (${commands.join(', ')})`);
    const loads = await loadsOfColdKeys(server.port);
    print(`Cold key, 1,000 callers in each of 2 processes, target 1 load: ${loads.join(' ')}`);
    const groups = [
      await groupInvalidation(server.port, FEW_ENTRIES),
      await groupInvalidation(server.port, MANY_ENTRIES),
    ] as const;
    print(`\ninvalidate('feed:*'), target the same time for any number of entries:`);
    for (const { entries, medianNs, commands } of groups) {
      print(
        `${entries.toLocaleString('en')} entries: ${time(medianNs)}, ${commands.length} command (${commands.join(', ')})`,
      );
    }
    print(`\n${Math.round((performance.now() - startedAt) / 1_000)} s`);
  } finally {
    await server.stop();
  }
}

function rowOf({ path, target }: Race, { ratio, spread, cpuRatio, firstNs, secondNs }: DuelResult): string {
  const verdict = ratio <= target ? '' : '  missed';
  const quartiles = `${spread[0].toFixed(2)} to ${spread[1].toFixed(2)}`;
  const times = [time(firstNs), time(secondNs)];
  return row(path, `<= ${target}`, ratio.toFixed(2), quartiles, cpuRatio.toFixed(2), ...times) + verdict;
}

function row(...cells: readonly string[]): string {
  return cells
    .map((cell, column) => (column === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[column]!)))
    .join('');
}

function time(ns: number): string {
  return ns < 1_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} us`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
