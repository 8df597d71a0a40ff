/**
 * The events of `cache.on(name, listener)`: what a cache tells about itself while it serves.
 * Keys in events are for operators' logs; no event carries a value.
 */
import type { Alert } from './report';
import type { Statistics } from './statistics';

export interface CacheEvents {
  /** L2 came, went or came back. `reason` says why it is down. */
  l2: { readonly state: 'ready' | 'down'; readonly reason?: string };
  /**
   * The circuit breaker of a node of L2 has changed (P37). `open`: it does not answer, and is not asked. `half-open`: it
   * is tried. `closed`: it is used again. `node`: `host:port`, or the name of a sentinels' master.
   */
  breaker: { readonly node: string; readonly state: 'closed' | 'open' | 'half-open' };
  /** An invalidation could not be delivered within its budget; it stays queued and is delivered later. */
  unacknowledged: { readonly names: readonly string[] };
  /** A value of another Redis type stands at this key: it is left alone, and the key is loaded without being stored. */
  'foreign-value': { readonly key: string };
  /** A string at this key is no entry of this toolkit, or a damaged one: counted as a miss and overwritten. */
  'garbled-value': { readonly key: string };
  /** Something needs attention, or no longer does: evaluated every `monitoring.evaluateEvery`. */
  alert: Alert;
  /** Every `monitoring.collectEvery`: the statistics of that moment, for a log. */
  collected: Statistics;
  /** A fault that a call has survived: a serializer that threw, a key that could not be made, a background task that failed. */
  error: {
    readonly operation: string;
    readonly key?: string;
    /** The `method` label of metrics. */
    readonly method?: string;
    readonly error: unknown;
  };
}

export type CacheEventName = keyof CacheEvents;
export type Emit = <N extends CacheEventName>(name: N, event: CacheEvents[N]) => void;
