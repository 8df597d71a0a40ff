/**
 * What observing needs of a cache: a name, its counters, and some figures that are read when somebody asks.
 * One such object stands for one cache: metrics are added and removed by its identity.
 */
import type { CounterBook } from '../engine/counters';

export interface ObservedCache {
  readonly namespace: string;
  readonly counters: CounterBook;
  /** L1 now: its entries, and their bytes where it is bounded by bytes (else 0). */
  l1(): { readonly size: number; readonly bytes: number };
  /** Invalidations that L2 has not acknowledged yet. */
  undelivered(): number;
  /** The circuit breaker of each node of L2. */
  breaker(): readonly { readonly node: string; readonly state: 'closed' | 'open' | 'half-open' }[];
}
