/** What the checker and its processes say to each other: each order is answered once, in turn. */
import type { ProcessHistory } from './history';
import type { Workload } from './workload';

export type Order =
  /** Open the cache. */
  | { readonly do: 'open'; readonly workload: Workload }
  /** Read and write until told to stop. */
  | { readonly do: 'run' }
  /** Answered when nothing is under way any more. */
  | { readonly do: 'stop' }
  /** Change a row and, before anybody is told, go no further: answered once the database has changed. */
  | { readonly do: 'hang'; readonly key: number; readonly how: HalfDone }
  /** Read every key once, and hand over what was written down. */
  | { readonly do: 'survey' }
  | { readonly do: 'close' };

export interface Survey {
  readonly history: ProcessHistory;
  /** The version that this process sees, by key. */
  readonly versions: readonly number[];
  readonly loads: number;
  readonly unacknowledged: number;
  /** Milliseconds. */
  readonly slowestRead: number;
  /** Messages of calls of the cache that rejected. */
  readonly failures: readonly string[];
  /** Of promises that nobody handled. */
  readonly rejections: readonly string[];
}

/** How a write goes about it that does not come to its end: a change and then an invalidation, or a change inside `around`. */
export type HalfDone = 'invalidate' | 'around-key' | 'around-group';

export interface HalfDoneWrite {
  readonly version: number;
  /** On the clock that all processes share. */
  readonly changedAt: number;
}

export type Answer =
  | { readonly did: Exclude<Order['do'], 'survey' | 'hang'> }
  | ({ readonly did: 'survey' } & Survey)
  | ({ readonly did: 'hang' } & HalfDoneWrite);
