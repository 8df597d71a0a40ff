/**
 * Figures turned into words: which method does badly, why that may be, and what to change. Rules of thumb; each needs
 * enough calls to mean something, and names the figures that it goes by.
 */

import { WARM_LABEL } from '../../api/warming';
import type { RemoteState } from '../../contract/l2';
import type { Advice, MemoryReport } from '../../contract/report';
import type { CallStatistics, MethodStatistics, Statistics } from '../../contract/statistics';
import type { Coherence } from './observed-cache';

export interface Advisable {
  readonly statistics: Statistics;
  readonly memory: MemoryReport;
  readonly l2: RemoteState;
  readonly coherence: Coherence;
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly minCalls: number;
  readonly responseTimeThresholdMs: number;
}

/** Of loads: as many of them as are enough to be a habit. */
const MANY_LOADS = 10;
const REJECTED_SHARE = 0.1;
const FULL = 0.99;
/** L1 sets per entry that fits: the whole of L1 was replaced this often. */
const TURNOVER = 2;

export function adviceOf(seen: Advisable): Advice[] {
  // Warming is there to find nothing: that is no fault of its keys.
  const methods = Object.entries(seen.statistics.methods).filter(([label]) => label !== WARM_LABEL);
  return [...ofCache(seen), ...methods.flatMap(([label, method]) => ofMethod(label, method, seen))];
}

function ofCache({ statistics, memory, l2, coherence }: Advisable): Advice[] {
  const found: Advice[] = [];
  const { l1 } = memory;
  const isFull = l1.entries >= l1.maxEntries * FULL || (l1.percent ?? 0) >= 100 * FULL;
  if (isFull && l1.maxEntries > 0 && statistics.l1.misses > TURNOVER * l1.maxEntries) {
    found.push({
      code: 'l1-full',
      method: null,
      text:
        `L1 is full (${l1.entries} of ${l1.maxEntries} entries) and missed ${statistics.l1.misses} lookups: ` +
        'entries may be evicted before they are read again. Raise l1.maxSize or l1.maxBytes, or keep rarely read ' +
        "methods out of it with tiers: 'l2'.",
    });
  }
  if (l2.kind === 'down') {
    found.push({
      code: 'l2-down',
      method: null,
      text: `Redis does not answer (${l2.reason}): misses run their loads, and nothing new is stored.`,
    });
  } else if (l2.kind === 'ready' && !coherence.trusted) {
    found.push({
      code: 'coherence-lost',
      method: null,
      text:
        'Changes by other processes are not known to be heard, so L1 is not used. Look at the event `error`, and ' +
        'at whether the event loop of this process is held up.',
    });
  }
  return found;
}

function ofMethod(label: string, method: MethodStatistics, seen: Advisable): Advice[] {
  const { calls, loads, latency, rejectedFills } = method;
  const answered = calls.total - calls.uncached;
  const found: Advice[] = [];
  if (loads >= MANY_LOADS && rejectedFills > loads * REJECTED_SHARE) {
    found.push({
      code: 'rejected-fills',
      method: label,
      text:
        `${rejectedFills} of ${loads} loads of ${label} were not stored, because something was invalidated while they ` +
        'ran. Invalidate narrower patterns, or less often, or make the load faster.',
    });
  }
  if (loads >= MANY_LOADS && latency.load.p95 > seen.responseTimeThresholdMs) {
    found.push({
      code: 'slow-load',
      method: label,
      text:
        `One load of ${label} in twenty takes more than ${Math.round(latency.load.p95)} ms. Raise its ttl so that it ` +
        'is loaded less often, or load it before it is asked for.',
    });
  }
  if (answered < seen.minCalls) return found;
  const hitRate = servedShare(calls);
  if (hitRate === 0) {
    found.push({
      code: 'never-hit',
      method: label,
      text:
        `None of ${answered} calls of ${label} found a value. Is something in its key different at every call, or ` +
        'is its ttl shorter than the time between two calls?',
    });
  } else if (hitRate * 100 < seen.hitRateThreshold) {
    found.push(lowHitRate(label, method, answered, hitRate));
  }
  return found;
}

function lowHitRate(label: string, method: MethodStatistics, answered: number, hitRate: number): Advice {
  const percent = Math.round(hitRate * 1_000) / 10;
  const often = method.invalidations > 0 || method.rejectedFills > 0;
  return {
    code: often ? 'low-hit-rate' : 'short-ttl',
    method: label,
    text:
      `${label} was served from the cache in ${percent} % of ${answered} calls. ` +
      (often
        ? 'Its keys are invalidated as they are used: see invalidations.stats() for the pattern that takes most of them.'
        : 'Its entries end, or are evicted, before they are read again: raise its ttl, or leave out of its key what ' +
          'does not change the result.'),
  };
}

function servedShare(calls: CallStatistics): number {
  const served = calls.l1 + calls.l2 + calls.coalesced + calls.waited;
  return served / (calls.total - calls.uncached);
}
