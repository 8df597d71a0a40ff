/** Caches to observe that consist of counters alone. */

import type { RemoteState } from '../../../src/contract/l2';
import type { Alert, AlertType, MemoryReport } from '../../../src/contract/report';
import { CounterBook, type MethodCounters } from '../../../src/engine/entry/counters';
import type { Coherence, ObservedCache } from '../../../src/ops/observe/observed-cache';

export type Counts = Partial<Record<CountName, number>>;

type CountName = {
  [N in keyof MethodCounters]: MethodCounters[N] extends number ? N : never;
}[keyof MethodCounters];

export interface Durations {
  readonly l1?: readonly number[];
  readonly l2?: readonly number[];
  readonly load?: readonly number[];
}

export interface ObservedFixture extends ObservedCache {
  count(method: string, counts: Counts): this;
  /** In ms. */
  time(method: string, durations: Durations): this;
}

export interface Figures {
  readonly l1?: { readonly size: number; readonly bytes: number };
  readonly outbox?: number;
  readonly l2?: RemoteState;
  readonly coherence?: Coherence;
  readonly memory?: MemoryReport;
  readonly alerts?: readonly Alert[];
}

/** Memory of which nothing is in use, and nothing but the heap has a limit. */
export const EMPTY_MEMORY: MemoryReport = {
  l1: { entries: 0, maxEntries: 10, bytes: 0, limitBytes: null, percent: null },
  heap: { bytes: 0, limitBytes: 1_000, percent: 0 },
  redis: null,
};

export function observedCache(
  namespace: string,
  {
    l1 = { size: 0, bytes: 0 },
    outbox = 0,
    l2 = { kind: 'none' },
    coherence = { trusted: true, ageMs: 0 },
    memory = EMPTY_MEMORY,
    alerts = [],
  }: Figures = {},
): ObservedFixture {
  const counters = new CounterBook();
  return {
    namespace,
    counters,
    l1: () => l1,
    outbox: () => outbox,
    breaker: () => [],
    l2: () => l2,
    coherence: () => coherence,
    memory: () => memory,
    alerts: () => alerts,
    count(method, counts) {
      Object.assign(counters.of(method), counts);
      return this;
    },
    time(method, { l1 = [], l2 = [], load = [] }) {
      const { l1Latency, l2Latency, loadLatency } = counters.of(method);
      for (const ms of l1) l1Latency.record(ms);
      for (const ms of l2) l2Latency.record(ms);
      for (const ms of load) loadLatency.record(ms);
      return this;
    },
  };
}

/** One that is raised. */
export function alert(type: AlertType, subject: string): Alert {
  return {
    type,
    subject,
    state: 'raised',
    severity: 'critical',
    clearing: false,
    value: 2,
    threshold: 1,
    message: `${type} of ${subject}`,
    at: 0,
  };
}
