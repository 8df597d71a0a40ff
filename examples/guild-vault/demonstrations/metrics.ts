/** The metrics that the report lists, as Prometheus scrapes them, and the same as JSON. */
import type { WorkerHandle } from '../fleet/fleet';
import type { Presentation } from '../presentation';

const NAMES = [
  'cache_hits_total',
  'cache_misses_total',
  'cache_sets_total',
  'cache_deletes_total',
  'cache_hit_rate',
  'cache_size',
  'cache_overall_hit_rate',
  'cache_latency_ms',
];
const BUCKETS = ['0.1', '0.5', '1', '2', '5', '10', '25', '50', '100'];
const EXCERPT =
  /^(?:cache_hits_total|cache_hit_rate)\{.*LeaderboardService\.leaderboard|^cache_overall_hit_rate\{/;

export async function showMetrics(
  presentation: Presentation,
  workers: readonly WorkerHandle[],
): Promise<void> {
  presentation.heading('Metrics');
  const [worker] = workers;
  const text = await worker!.prometheusText();
  const missing = NAMES.filter((name) => !text.includes(`# TYPE ${name} `));
  const noBucket = BUCKETS.filter((limit) => !text.includes(`cache_latency_ms_bucket{le="${limit}"`));
  presentation.promise(
    `Prometheus has all that the report lists${[...missing, ...noBucket].map((name) => `, but not ${name}`).join('')}`,
    missing.length + noBucket.length === 0,
  );
  for (const line of text.split('\n').filter((sample) => EXCERPT.test(sample)))
    presentation.line(`  ${line}`);

  presentation.line();
  const statistics = await Promise.all(workers.map((each) => each.statistics()));
  const collections = await Promise.all(workers.map((each) => each.collections()));
  presentation.table(
    ['Worker', 'Calls', 'L1 hit rate', 'L2 hit rate', 'Load', 'Collected'],
    statistics.map(({ calls, l1, l2 }, index) => [
      `${index + 1}`,
      `${calls.total}`,
      `${l1.hitRate.toFixed(1)} %`,
      l2.hits + l2.misses === 0 ? '–' : `${l2.hitRate.toFixed(1)} %`,
      `${calls.loaded}`,
      `${collections[index]} times`,
    ]),
  );
  const { hits, misses, hitRate } = statistics[0]!.overall;
  presentation.fact('JSON', JSON.stringify({ overall: { hits, misses, hitRate } }));
}
