/**
 * What `health()` and `report()` give, and what an alert is: plain data that survives `JSON.stringify`. Types only.
 */
import type { InvalidationStatistics } from './invalidation-history';
import type { Statistics } from './statistics';

export type AlertType =
  | 'hit-rate'
  | 'response-time'
  | 'memory'
  | 'invalidation-rate'
  | 'l2-down'
  | 'coherence-lost';

export interface Alert {
  readonly type: AlertType;
  /**
   * `overall` for the hit rate and the rate of invalidations, a method's label for its response time,
   * `l1`, `heap` or `redis` for memory, `redis` for `l2-down`, `channel` for `coherence-lost`.
   */
  readonly subject: string;
  readonly state: 'raised' | 'cleared';
  /** `warning`: the cache does its work all the same (`memory`, `invalidation-rate`). */
  readonly severity: 'critical' | 'warning';
  /** True: raised, and the last evaluation was no longer bad. Value and message are those of the last bad one. */
  readonly clearing: boolean;
  /** At this evaluation. Percent for `hit-rate` and `memory`, names per minute for `invalidation-rate`, else ms. */
  readonly value: number;
  /** In the same unit: what the value was held against. */
  readonly threshold: number;
  readonly message: string;
  /** Milliseconds since the Unix epoch: when it was raised or cleared. */
  readonly at: number;
}

export interface Health {
  /** True unless a critical alert is raised. No traffic is healthy. */
  readonly healthy: boolean;
  /** `warning`: healthy, and a warning is raised. */
  readonly state: 'healthy' | 'warning' | 'unhealthy';
  /**
   * Whether this process may get traffic: the first attempt to reach Redis has ended, and the cache is not closed. Without
   * Redis it serves as well, so neither an outage nor a low hit rate makes it false.
   */
  readonly ready: boolean;
  /** Percent of calls within `seconds` that ran no load of their own; 0 before the first call. */
  readonly hitRate: number;
  /** How far `hitRate` and `calls` look back: `monitoring.alertWindow`, less in a young process. */
  readonly seconds: number;
  /** Calls within `seconds` that were to be cached. */
  readonly calls: number;
  /** Percent: `monitoring.hitRateThreshold`. */
  readonly threshold: number;
  /** What the raised alerts say, causes first; without an alert, that all is well, or why that cannot be judged. */
  readonly message: string;
  /** Those that are raised now, causes first. */
  readonly alerts: readonly Alert[];
  /** What the event `error` has reported, the latest first; left out if there was nothing. It leaves `healthy` true. */
  readonly faults?: readonly Fault[];
}

/** A fault that calls have survived. Without keys and values. */
export interface Fault {
  /** As in the event: `'serialize'`, `'render'`, ... */
  readonly operation: string;
  /** The `method` label, if the fault is one of a method's. */
  readonly method: string | null;
  /** Of the error, or its name. */
  readonly code: string;
  readonly count: number;
  /** Milliseconds since the Unix epoch: when it last occurred. */
  readonly at: number;
}

/** Bytes in use against their limit. */
export interface MemoryUse {
  readonly bytes: number;
  /** `null`: no limit, or not known. */
  readonly limitBytes: number | null;
  /** Percent of the limit; `null` without one. */
  readonly percent: number | null;
}

export interface MemoryReport {
  /** Entries, and bytes where L1 is bounded by bytes (else 0). */
  readonly l1: MemoryUse & { readonly entries: number; readonly maxEntries: number };
  /** V8's heap of this process. */
  readonly heap: MemoryUse;
  /**
   * Redis' `used_memory` and `maxmemory`, read every `monitoring.collectEvery`; in a cluster of the fullest master.
   * `null` before the first reading, and without Redis.
   */
  readonly redis: (MemoryUse & { readonly ageSeconds: number }) | null;
}

/** Something that would make the cache do better, seen in the last five minutes. */
export interface Advice {
  readonly code:
    | 'low-hit-rate'
    | 'short-ttl'
    | 'slow-load'
    | 'rejected-fills'
    | 'never-hit'
    | 'often-invalidated'
    | 'l1-full';
  /** `null`: the cache as a whole. */
  readonly method: string | null;
  /** What was seen and what to change, with figures. */
  readonly text: string;
}

export interface Report extends Statistics {
  readonly cache: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly uptimeSeconds: number;
  readonly health: Health;
  readonly memory: MemoryReport;
  /** Of the last five minutes. */
  readonly invalidations: InvalidationStatistics;
  /** How often several calls of this process wanted one key at once, and how many of them were spared a load. */
  readonly stampedes: { readonly detected: number; readonly coalesced: number };
  /** Times that calls waited for loads of other processes. */
  readonly leaseWaits: number;
  /** Loaded values that were not stored because something was invalidated meanwhile. */
  readonly rejectedFills: number;
  readonly redis: {
    readonly state: 'none' | 'connecting' | 'ready' | 'down' | 'closed';
    /** Why it is down, or `null`. It may hold the server's address. */
    readonly reason: string | null;
    /** The circuit breaker of each node. While it is `open`, the node does not answer and is not asked. */
    readonly breakers: readonly {
      readonly node: string;
      readonly state: 'closed' | 'open' | 'half-open';
    }[];
    /** Invalidations that it has not acknowledged yet. */
    readonly outbox: number;
  };
  readonly coherence: {
    /** Whether changes by others are known to be heard; without Redis there are no others. */
    readonly trusted: boolean;
    /** Milliseconds since that was last proven; `null` if it never was. */
    readonly ageMs: number | null;
  };
  /** Of L1's hits, one in this many is timed; all other times are complete. */
  readonly l1HitsPerTiming: number;
  readonly advice: readonly Advice[];
}
