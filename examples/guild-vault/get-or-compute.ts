/** Reading with a time to live for each tier, in milliseconds, as the report's workers call it. */
import type { TiercelCache } from 'tiercel';

export interface Lifetimes {
  /** Default: a minute. Not longer than `l2TtlMs`. */
  readonly l1TtlMs?: number;
  /** Default: five minutes. */
  readonly l2TtlMs?: number;
}

export function getOrCompute<V>(
  cache: TiercelCache,
  key: string,
  compute: () => Promise<V>,
  { l1TtlMs = 60_000, l2TtlMs = 300_000 }: Lifetimes = {},
): Promise<V> {
  const ttl = { l1: `${l1TtlMs}ms`, l2: `${l2TtlMs}ms` } as const;
  return cache.getOrSet(key, compute, { ttl, name: 'getOrCompute' });
}
