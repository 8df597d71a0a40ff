/** All workers warm up at once, as they do after a deployment. */
import type { WorkerHandle } from '../fleet/fleet';
import type { GuildDatabase } from '../guild-database';
import { ms, type Presentation } from '../presentation';
import { GUILD, MEMBERS, OTHER_GUILD } from './population';

export async function showWarmUp(
  presentation: Presentation,
  workers: readonly WorkerHandle[],
  database: GuildDatabase,
): Promise<void> {
  presentation.heading('Warm-up at the start');
  const queriesBefore = database.queries;
  const expected = { guildIds: [GUILD, OTHER_GUILD], userIds: MEMBERS };
  const reports = await Promise.all(workers.map((worker) => worker.warmUp(expected)));
  for (const [index, { total, loaded, fresh, failed, ms: tookMs }] of reports.entries()) {
    const counts = `${total} keys: ${loaded} loaded, ${fresh} there already, ${failed} failed`;
    presentation.fact(`Worker ${index + 1}`, `${counts}; ${ms(tookMs)}`);
  }
  const queries = database.queries - queriesBefore;
  const failed = reports.reduce((sum, report) => sum + report.failed, 0);
  presentation.promise(`All keys are warm after ${queries} queries`, failed === 0);
}
