/**
 * Figures of the last minutes turned into words: which method does badly, why, and what to change. Each rule needs enough
 * calls to mean something, and names the figures that it goes by. What is wrong at this moment is an alert, not advice.
 */

import { WARM_LABEL } from '../../api/warming';
import type { Advice, MemoryReport } from '../../contract/report';
import type { MissReason } from '../../contract/statistics';
import type { InvalidatorReach } from './reach';
import { secondsOf, servedStatistics } from './statistics';
import { MISS_REASONS } from './tally';
import type { MethodPeriod, Period } from './windows';

export interface Advisable {
  readonly period: Period;
  readonly memory: MemoryReport;
  /** What has invalidated most of a method's entries, as far as this process knows. */
  readonly mostInvalidatedBy: (label: string) => InvalidatorReach | undefined;
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly minCalls: number;
  readonly responseTimeThresholdMs: number;
}

/** Of loads: as many of them as are enough to be a habit. */
const MANY_LOADS = 10;
const REJECTED_SHARE = 0.1;
const FULL = 0.99;
/** L1 misses per entry that fits: the whole of L1 was replaced this often. */
const TURNOVER = 2;

export function adviceOf(seen: Advisable): Advice[] {
  // Warming is meant to find nothing.
  const methods = [...seen.period.methods].filter(([label]) => label !== WARM_LABEL);
  return [...ofCache(seen), ...methods.flatMap(([label, method]) => ofMethod(label, method, seen))];
}

function ofCache({ period, memory: { l1 } }: Advisable): Advice[] {
  const { misses } = period.total.l1;
  const isFull = l1.entries >= l1.maxEntries * FULL || (l1.percent ?? 0) >= 100 * FULL;
  if (!isFull || l1.maxEntries === 0 || misses <= TURNOVER * l1.maxEntries) return [];
  return [
    {
      code: 'l1-full',
      method: null,
      text:
        `L1 is full (${l1.entries} of ${l1.maxEntries} entries) and missed ${misses} lookups ${lately(period)}: ` +
        'entries may be evicted before they are read again. Raise l1.maxSize or l1.maxBytes, or keep rarely read ' +
        "methods out of it with tiers: 'l2'.",
    },
  ];
}

function ofMethod(label: string, method: MethodPeriod, seen: Advisable): Advice[] {
  const { period, minCalls, responseTimeThresholdMs, hitRateThreshold } = seen;
  const { answered, served, loads, loadMs, rejectedFills } = method;
  const found: Advice[] = [];
  if (loads >= MANY_LOADS && rejectedFills > loads * REJECTED_SHARE) {
    found.push({
      code: 'rejected-fills',
      method: label,
      text:
        `${rejectedFills} of ${loads} loads of ${label} ${lately(period)} were not stored, because something was ` +
        `invalidated while they ran${by(seen.mostInvalidatedBy(label))}. Invalidate narrower patterns, or less often, or make the load faster.`,
    });
  }
  const meanMs = Math.round(loadMs / Math.max(1, loads));
  if (loads >= MANY_LOADS && meanMs > responseTimeThresholdMs) {
    found.push({
      code: 'slow-load',
      method: label,
      text:
        `The ${loads} loads of ${label} ${lately(period)} took ${meanMs} ms on average. Make the load faster, or load it ` +
        'before it is asked for: refreshAhead, warm().',
    });
  }
  if (answered < minCalls) return found;
  const { servedRate } = servedStatistics(answered, served);
  if (servedRate < hitRateThreshold) found.push(...lowHitRate(label, method, servedRate, seen));
  return found;
}

/** The reason that most of the loads have in common decides what helps. */
function lowHitRate(label: string, method: MethodPeriod, servedRate: number, seen: Advisable): Advice[] {
  const { misses, answered } = method;
  const total = MISS_REASONS.reduce((sum, reason) => sum + misses[reason], 0);
  if (total === 0) return [];
  const reason = MISS_REASONS.reduce((most, one) => (misses[one] > misses[most] ? one : most));
  const share = Math.round((100 * misses[reason]) / total);
  const advice = ADVICE[reason];
  // That Redis does not answer is an alert, and no fault of the method.
  if (advice === undefined) return [];
  const cause = reason === 'invalidated' ? by(seen.mostInvalidatedBy(label)) : '';
  return [
    {
      code: servedRate === 0 && reason === 'first' ? 'never-hit' : advice.code,
      method: label,
      text:
        `${label} ran its load in ${total} of ${answered} calls ${lately(seen.period)}. ` +
        `In ${share} % of them ${advice.seen}${cause}. ${advice.remedy}`,
    },
  ];
}

interface Remedy {
  readonly code: Advice['code'];
  readonly seen: string;
  readonly remedy: string;
}

const ADVICE: Readonly<Partial<Record<MissReason, Remedy>>> = {
  first: {
    code: 'low-hit-rate',
    seen: 'the key had not been read before',
    remedy:
      'Leave out of its key what does not change the result, and check that nothing in it differs at every call.',
  },
  expired: { code: 'short-ttl', seen: 'the ttl of the entry was over', remedy: 'Raise its ttl.' },
  invalidated: {
    code: 'often-invalidated',
    seen: 'the entry had been invalidated',
    remedy: 'A longer ttl does not help. Invalidate narrower patterns, or less often.',
  },
  evicted: {
    code: 'l1-full',
    seen: 'L1 had evicted the entry to make room',
    remedy: 'Raise l1.maxSize or l1.maxBytes.',
  },
  unstored: {
    code: 'low-hit-rate',
    seen: 'the load before was not stored, because something was invalidated while it ran',
    remedy: 'Invalidate narrower patterns, or less often, or make the load faster.',
  },
  version: {
    code: 'low-hit-rate',
    seen: 'the entry was of another version of the method',
    remedy:
      'Processes of two versions evict each other: end the deployment, or give the new version keys of its own.',
  },
  contended: {
    code: 'low-hit-rate',
    seen: 'another caller was loading or writing the key for longer than load.max',
    remedy: 'Make the load or the write faster, or raise load.max.',
  },
  unreadable: {
    code: 'low-hit-rate',
    seen: 'Redis held something at the key that cannot be read',
    remedy: 'Look at the events garbled-value and foreign-value: another program writes there.',
  },
};

function by(invalidator: InvalidatorReach | undefined): string {
  if (invalidator === undefined)
    return ', by no invalidation that this process has recorded: another process runs it';
  const { name, pattern, perMinute } = invalidator;
  return `, mostly by ${name} (${pattern}, ${perMinute} a minute)`;
}

function lately({ ms }: Period): string {
  return ms >= 120_000 ? `in the last ${Math.round(ms / 60_000)} minutes` : `in the last ${secondsOf(ms)} s`;
}
