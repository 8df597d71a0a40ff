/** Caches to observe that consist of counters alone. */
import { CounterBook, type MethodCounters } from '../../src/engine/counters';
import type { ObservedCache } from '../../src/observe/observed-cache';

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

export function observedCache(
  namespace: string,
  l1: { readonly size: number; readonly bytes: number } = { size: 0, bytes: 0 },
  undelivered = 0,
): ObservedFixture {
  const counters = new CounterBook();
  return {
    namespace,
    counters,
    l1: () => l1,
    undelivered: () => undelivered,
    breaker: () => [],
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
