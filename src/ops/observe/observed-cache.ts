/**
 * What observing needs of a cache: a name, its counters, and figures that are read when somebody asks.
 * One such object stands for one cache: metrics are added and removed by its identity.
 */

import type { NodeBreaker, RemoteState } from '../../contract/l2';
import type { Alert, MemoryReport } from '../../contract/report';
import type { CounterBook } from '../../engine/entry/counters';

/** The figures that the parts of a cache give. */
export interface ObservedParts {
  readonly namespace: string;
  readonly counters: CounterBook;
  /** L1 now: its entries, and their bytes if it is bounded by bytes (else 0). */
  l1(): { readonly size: number; readonly bytes: number };
  /** Invalidations that L2 has not acknowledged yet. */
  outbox(): number;
  /** The circuit breaker of each node of L2. */
  breaker(): readonly NodeBreaker[];
  l2(): RemoteState;
  coherence(): Coherence;
}

export interface Coherence {
  readonly trusted: boolean;
  /** Milliseconds since the last proof; `Infinity` before the first one, 0 without an L2. */
  readonly ageMs: number;
}

/** The same, and what is made of it over time. */
export interface ObservedCache extends ObservedParts {
  memory(): MemoryReport;
  /** Those that are raised now. */
  alerts(): readonly Alert[];
}
