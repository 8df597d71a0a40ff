/**
 * `cache.health()`: one verdict. It follows from the raised alerts and from nothing else, so that the two never differ.
 */
import type { Alert, Health } from '../../contract/report';
import { secondsOf, servedStatistics } from './statistics';
import { cachedCalls, servedCalls } from './tally';
import type { Period } from './windows';

export interface HealthOptions {
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly minCalls: number;
  readonly statistics: boolean;
}

/** @param isYoung the process has not run for long enough to be judged by its hit rate */
export function healthOf(
  { ms, total }: Period,
  alerts: readonly Alert[],
  ready: boolean,
  isYoung: boolean,
  { hitRateThreshold: threshold, minCalls, statistics }: HealthOptions,
): Health {
  const calls = cachedCalls(total);
  const healthy = alerts.every(({ severity }) => severity === 'warning');
  return {
    healthy,
    state: alerts.length === 0 ? 'healthy' : healthy ? 'warning' : 'unhealthy',
    ready,
    hitRate: servedStatistics(calls, servedCalls(total)).servedRate,
    seconds: secondsOf(ms),
    calls,
    threshold,
    message: alerts.length > 0 ? alerts.map(({ message }) => message).join('; ') : messageOfHealthy(),
    alerts,
  };

  function messageOfHealthy(): string {
    const within = `in the last ${secondsOf(ms)} s`;
    if (!statistics) return 'Statistics are off';
    if (calls === 0) return `No calls ${within}`;
    if (isYoung) return 'The process has just started: its hit rate is not judged yet';
    if (calls < minCalls) return `${calls} calls ${within}: too few to judge the hit rate`;
    return 'Cache performance is optimal';
  }
}
