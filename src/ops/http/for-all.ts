/** What a request without credentials may see of a report and of metrics: no addresses, nothing of the application. */
import type { Report } from '../../contract/report';
import { CACHE_METRICS } from '../observe/cache-metrics';

/** Its label is the address of a node. */
const WITH_ADDRESSES = 'cache_breaker_open';

const SHOWN = new Set(
  CACHE_METRICS.map(({ name }) => name)
    .filter((name) => name !== WITH_ADDRESSES)
    // OpenMetrics names a counter without the suffix of its samples.
    .flatMap((name) => [name, name.replace(/_total$/, '')]),
);

/** @param actor undefined if the request has no credentials */
export function reportFor(actor: string | undefined, report: Report): Report {
  if (actor !== undefined) return report;
  const breakers = report.redis.breakers.map(({ state }, index) => ({ node: `#${index + 1}`, state }));
  return { ...report, redis: { ...report.redis, breakers, reason: null } };
}

/** The cache's own metrics among all of a registry, in the text format of Prometheus or OpenMetrics. */
export function metricsForAll(text: string): string {
  let shown = false;
  const lines = text.split('\n').filter((line) => {
    const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (name !== undefined) shown = SHOWN.has(name);
    return shown || line === '# EOF';
  });
  return `${lines.join('\n').trimEnd()}\n`;
}
