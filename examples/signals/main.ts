/**
 * The run from start to end: database, Redis and cache are made, traffic runs for some seconds, the report is printed,
 * and all is taken down again. Exit code 0; 1 if a value was stale or wrong; 2 for a bad option or URL.
 */
import { ConfigError, createCache, type TiercelCache } from '../../src/index';
import { cacheConfig } from './cache.config';
import { createDataSet, type Population } from './database/data-set';
import { Database } from './database/database';
import { type Options, readOptions, USAGE, UsageError } from './options';
import { Platform } from './platform';
import { count, printReport } from './report/report';
import { Terminal } from './report/terminal';
import { findSecondTier, type SecondTier } from './second-tier';
import { audit } from './simulation/audit';
import { CallTimes } from './simulation/call-times';
import { Reads } from './simulation/reads';
import { runTraffic } from './simulation/traffic';
import { Verification } from './simulation/verification';
import { Writes } from './simulation/writes';

const AUDIT_WITHIN_MS = 1_000;
const PROGRESS_EVERY_MS = 200;

interface Setting {
  readonly database: Database;
  readonly cache: TiercelCache;
  readonly population: Population;
}

async function run(options: Options, terminal: Terminal): Promise<number> {
  terminal.line(terminal.styled('bold', 'tiercel: a trading-signals platform'));
  terminal.progress('Starting the database ...');
  const secondTier = await findSecondTier();
  // Entries of the run stay apart from all others, whoever's Redis it is.
  const namespace = `${cacheConfig.namespace}-${process.pid}-${Date.now().toString(36)}`;
  const cache = createCache({
    ...cacheConfig,
    namespace,
    l2: { url: secondTier.url, defaultTTL: cacheConfig.l2.defaultTTL },
  });
  try {
    const database = await Database.start();
    try {
      terminal.progress('Filling its tables ...');
      const population = await createDataSet(database, options.seed);
      await describeSetting(terminal, secondTier, cache, population);
      return await simulate(options, terminal, { database, cache, population });
    } finally {
      await database.close();
    }
  } finally {
    await cache.close();
    await secondTier.end(namespace);
  }
}

async function describeSetting(
  terminal: Terminal,
  secondTier: SecondTier,
  cache: TiercelCache,
  { rows }: Population,
): Promise<void> {
  const { l2 } = await cache.ready();
  const tables = ['signals', 'users', 'providers', 'trades', 'prices', 'candles'];
  terminal.line();
  terminal.fact('L1', `memory, ${count(cacheConfig.l1.maxSize)} entries`);
  terminal.fact('L2', `${secondTier.description}${l2 === 'down' ? ' (does not answer)' : ''}`);
  terminal.fact('Database', 'PGlite, PostgreSQL in a thread of this process');
  terminal.fact('', tables.map((table) => `${count(rows[table] ?? 0)} ${table}`).join(', '));
}

async function simulate(
  { seed, seconds, visitors }: Options,
  terminal: Terminal,
  { database, cache, population }: Setting,
): Promise<number> {
  const platform = new Platform(database);
  const verification = new Verification();
  verification.watch(database);
  const times = new CallTimes();
  const reads = new Reads(platform, verification, times);
  const writes = new Writes(platform, verification, population.followers);

  terminal.heading(`Traffic: ${visitors} visitors at a time for ${seconds} s, seed ${seed}`);
  const statementsBefore = database.statements;
  const trafficSeconds = await untilTimeIsOver(seconds, {
    work: (stop) => runTraffic({ population, reads, writes, seed, visitors, stop }),
    watch: (elapsed) => {
      const { checked, stale } = verification.findings;
      const done = `${count(checked)} reads, ${count(writes.total)} writes, ${stale} stale`;
      terminal.progress(`${elapsed.toFixed(0).padStart(3)} s  ${done}`);
    },
  });
  terminal.endProgress();

  // Both are taken before the audit adds its own.
  const statistics = cache.stats();
  const statements = database.statements - statementsBefore;
  const audited = await audit(platform, population, { seed, withinMs: AUDIT_WITHIN_MS });
  const { findings } = verification;
  const twoTiers = (await cache.ready()).l2 !== 'none';
  printReport(terminal, {
    seconds: trafficSeconds,
    twoTiers,
    statistics,
    times,
    writes,
    statements,
    findings,
    audit: audited,
  });
  return findings.stale + findings.wrong + audited.different.length === 0 ? 0 : 1;
}

/** An interrupt ends the traffic early; the report still follows. Resolves to the seconds that it took. */
async function untilTimeIsOver(
  seconds: number,
  run: { work(stop: AbortSignal): Promise<void>; watch(elapsedSeconds: number): void },
): Promise<number> {
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1_000;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timer = setTimeout(stop, seconds * 1_000);
  const progress = setInterval(() => run.watch(elapsed()), PROGRESS_EVERY_MS);
  try {
    await run.work(stopped.signal);
  } finally {
    clearInterval(progress);
    clearTimeout(timer);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  return elapsed();
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== 'help') return await run(options, new Terminal());
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return 2;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
