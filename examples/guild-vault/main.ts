/**
 * The demonstration from start to end: Redis and three workers over it are started, each part of the report is shown on them, and
 * all is taken down again. Exit code 0; 1 if a promise was broken.
 */
import { Terminal } from '../signals/report/terminal';
import { findSecondTier, type SecondTier } from '../signals/second-tier';
import { cacheConfig } from './cache.config';
import { showBenchmark } from './demonstrations/benchmark';
import { showKeys } from './demonstrations/keys';
import { showMetrics } from './demonstrations/metrics';
import { showOutage } from './demonstrations/outage';
import { GUILD, MEMBERS, OTHER_GUILD } from './demonstrations/population';
import { showThrashing } from './demonstrations/thrashing';
import { showUpdates } from './demonstrations/updates';
import { showWarmUp } from './demonstrations/warm-up';
import { Fleet } from './fleet/fleet';
import { GuildDatabase } from './guild-database';
import { Presentation } from './presentation';

const WORKERS = 3;
const ALONE = 'one process: without Redis several would have nothing in common';

async function run(terminal: Terminal): Promise<number> {
  const presentation = new Presentation(terminal);
  terminal.line(terminal.styled('bold', 'tiercel: guild vault workers'));
  const secondTier = await findSecondTier();
  const namespace = `${cacheConfig.namespace}-${process.pid}-${Date.now().toString(36)}`;
  try {
    terminal.line();
    terminal.fact('L2', secondTier.description);
    terminal.fact('Workers', secondTier.url === undefined ? ALONE : `${WORKERS} processes`);
    await present(presentation, secondTier, namespace);
    await showBenchmark(presentation);
  } finally {
    await secondTier.end(namespace);
  }
  return presentation.broken === 0 ? 0 : 1;
}

async function present(
  presentation: Presentation,
  { url, server }: SecondTier,
  namespace: string,
): Promise<void> {
  const database = new GuildDatabase([GUILD, OTHER_GUILD], MEMBERS);
  const fleet = new Fleet(url === undefined ? 1 : WORKERS, database, { namespace, redisUrl: url });
  const { workers } = fleet;
  try {
    showKeys(presentation);
    await Promise.all(workers.map((worker) => worker.ready()));
    await showWarmUp(presentation, workers, database);
    await showUpdates(presentation, workers, database);
    await showThrashing(presentation, workers[0]!);
    if (server === undefined)
      presentation.line('No outage is shown: there is no Redis that this run may stop.');
    else await showOutage(presentation, workers, server);
    await showMetrics(presentation, workers);
  } finally {
    await fleet.end();
  }
}

void run(new Terminal()).then((code) => {
  process.exitCode = code;
});
