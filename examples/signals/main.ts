/**
 * The run from start to end: database, Redis and cache are made, the cache is warmed, traffic runs for some seconds, or with
 * `--serve` until somebody interrupts, the report is printed, and all is taken down again. Exit code 0; 1 if a value was stale or wrong; 2 for a bad option or URL.
 */
import { ConfigError, createCache, type TiercelCache } from 'tiercel';
import { cacheConfig } from './cache.config';
import { createDataSet, type Population } from './database/data-set';
import { Database } from './database/database';
import { type Options, readOptions, USAGE, UsageError } from './options';
import { Platform } from './platform';
import { count, printReport } from './report/report';
import { Terminal } from './report/terminal';
import { findSecondTier, type SecondTier } from './second-tier';
import { type Served, serve } from './server';
import { audit } from './simulation/audit';
import { CallTimes } from './simulation/call-times';
import { Reads } from './simulation/reads';
import { runTraffic } from './simulation/traffic';
import { Verification } from './simulation/verification';
import { Writes } from './simulation/writes';
import { warmUp } from './warm-up';

const AUDIT_WITHIN_MS = 1_000;
const PROGRESS_EVERY_MS = 200;
/** No more than the history of invalidations holds under this traffic. */
const INVALIDATIONS_OF_MS = 20_000;

interface Setting {
  readonly database: Database;
  readonly cache: TiercelCache;
  readonly population: Population;
  /** Aborted when somebody interrupts: what is under way is completed, and the report still follows. */
  readonly interrupted: AbortSignal;
}

async function run(options: Options, terminal: Terminal): Promise<number> {
  const interrupted = interruption();
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
  let served: Served | undefined;
  try {
    if (options.port !== undefined) served = await serve(cache, options.port);
    const database = await Database.start();
    try {
      terminal.progress('Filling its tables ...');
      const population = await createDataSet(database, options.seed);
      await describeSetting(terminal, secondTier, cache, population, served);
      return await simulate(options, terminal, { database, cache, population, interrupted });
    } finally {
      await database.close();
    }
  } finally {
    await served?.close();
    await cache.close();
    await secondTier.end(namespace);
  }
}

/** The second interrupt ends the process as usual. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return interrupted.signal;
}

async function describeSetting(
  terminal: Terminal,
  secondTier: SecondTier,
  cache: TiercelCache,
  { rows }: Population,
  served: Served | undefined,
): Promise<void> {
  const { l2 } = await cache.ready();
  const tables = ['signals', 'users', 'providers', 'trades', 'prices', 'candles'];
  terminal.line();
  terminal.fact('L1', `memory, ${count(cacheConfig.l1.maxSize)} entries`);
  terminal.fact('L2', `${secondTier.description}${l2 === 'down' ? ' (does not answer)' : ''}`);
  terminal.fact('Database', 'PGlite, PostgreSQL in a thread of this process');
  terminal.fact('', tables.map((table) => `${count(rows[table] ?? 0)} ${table}`).join(', '));
  if (served === undefined) return;
  terminal.fact('Dashboard', served.dashboard);
  terminal.fact('Token', served.token);
}

async function simulate(
  { seed, seconds, visitors, port }: Options,
  terminal: Terminal,
  { database, cache, population, interrupted }: Setting,
): Promise<number> {
  const platform = new Platform(database, cache);
  const verification = new Verification();
  verification.watch(database);
  const times = new CallTimes();
  const reads = new Reads(platform, verification, times);
  const writes = new Writes(platform, verification, population.followers);

  const warmed = await warmUp(cache, platform, population, {
    signal: interrupted,
    onProgress: ({ done, total = done }) => terminal.progressOf(done, total, `warming: ${done} of ${total}`),
  });
  terminal.fact('Warmed', `${count(warmed.loaded)} entries in ${warmed.ms.toFixed(0)} ms`);

  const duration = port === undefined ? `for ${seconds} s` : 'until Ctrl+C';
  terminal.heading(`Traffic: ${visitors} visitors at a time ${duration}, seed ${seed}`);
  const statementsBefore = database.statements;
  const trafficSeconds = await untilStopped(
    port === undefined ? endAfter(seconds, interrupted) : interrupted,
    {
      work: (stop) => runTraffic({ population, reads, writes, seed, visitors, stop }),
      watch: (elapsed) => {
        const { checked, stale } = verification.findings;
        const done = `${count(checked)} reads, ${count(writes.total)} writes, ${stale} stale`;
        terminal.progress(`${elapsed.toFixed(0).padStart(3)} s  ${done}`);
      },
    },
  );
  terminal.endProgress();

  // All are taken before the audit adds its own.
  const statistics = cache.stats();
  const health = cache.health();
  const [advice] = cache.report().advice;
  const invalidations = cache.invalidations.stats(Math.min(trafficSeconds * 1_000, INVALIDATIONS_OF_MS));
  const statements = database.statements - statementsBefore;
  const audited = await audit(platform, population, { seed, withinMs: AUDIT_WITHIN_MS });
  const { findings } = verification;
  const twoTiers = (await cache.ready()).l2 !== 'none';
  printReport(terminal, {
    seconds: trafficSeconds,
    twoTiers,
    statistics,
    health,
    advice,
    invalidations,
    times,
    writes,
    statements,
    findings,
    audit: audited,
  });
  return findings.stale + findings.wrong + audited.different.length === 0 ? 0 : 1;
}

/**
 * Aborted after so many seconds, or when somebody interrupts. Not `AbortSignal.any` over `AbortSignal.timeout`: Node 20
 * may collect the timeout as garbage, and the traffic would never end.
 */
function endAfter(seconds: number, interrupted: AbortSignal): AbortSignal {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), seconds * 1_000);
  interrupted.addEventListener('abort', () => {
    clearTimeout(timer);
    end.abort();
  });
  return end.signal;
}

/** Resolves to the seconds that it took. */
async function untilStopped(
  stop: AbortSignal,
  run: { work(stop: AbortSignal): Promise<void>; watch(elapsedSeconds: number): void },
): Promise<number> {
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1_000;
  const progress = setInterval(() => run.watch(elapsed()), PROGRESS_EVERY_MS);
  try {
    await run.work(stop);
  } finally {
    clearInterval(progress);
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
