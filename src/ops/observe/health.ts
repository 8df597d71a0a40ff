/**
 * `cache.health()`: one verdict in the strategy document's shape. The hit rate is that of both tiers together since the
 * start, the figure that `stats().overall` shows; the alert looks at the same figure of the last minute.
 */
import type { Alert, AlertType, Health } from '../../contract/report';
import { hitRateOf } from './statistics';
import { bothTiers, cachedCalls, type Tally } from './tally';

/** A cache that is full or often invalidated still does its work. */
const HARMLESS: ReadonlySet<AlertType> = new Set(['memory', 'invalidation-rate']);

export interface HealthOptions {
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly minCalls: number;
  readonly statistics: boolean;
}

export function healthOf(
  total: Tally,
  alerts: readonly Alert[],
  { hitRateThreshold: threshold, minCalls, statistics }: HealthOptions,
): Health {
  const hitRate = hitRateOf(bothTiers(total));
  const calls = cachedCalls(total);
  const low = calls >= minCalls && hitRate < threshold;
  const grave = alerts.filter(({ type }) => !HARMLESS.has(type));
  const troubles = [
    ...(low ? [`Hit rate is ${hitRate} %, below ${threshold} %`] : []),
    ...(low ? grave.filter(({ type }) => type !== 'hit-rate') : grave).map(({ message }) => message),
  ];
  const message =
    troubles.length > 0
      ? troubles.join('; ')
      : messageOfHealthy(alerts, statistics ? calls : undefined, minCalls);
  return { healthy: troubles.length === 0, hitRate, threshold, message, alerts };
}

function messageOfHealthy(alerts: readonly Alert[], calls: number | undefined, minCalls: number): string {
  if (alerts.length > 0) return alerts.map(({ message }) => message).join('; ');
  if (calls === undefined) return 'Statistics are off';
  if (calls === 0) return 'The cache has not been used yet';
  if (calls < minCalls) return `Fewer than ${minCalls} calls so far: too few to judge the hit rate`;
  return 'Cache performance is optimal';
}
