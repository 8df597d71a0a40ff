/** What all contenders read: the statistics of 1,024 providers, through a decorated method. */
import { createCache, type TiercelCache } from '../src/create';
import { Cacheable } from '../src/decorators/cacheable';
import type { Proof } from './contender';
import { turns } from './slices';

/** A power of two, so that going round costs the same for everybody and next to nothing. */
const PROVIDERS = 1_024;

export interface Stats {
  readonly providerId: string;
  readonly trades: number;
  readonly winRate: number;
  readonly monthly: readonly { readonly month: string; readonly profit: number }[];
}

export const IDS: readonly string[] = Array.from({ length: PROVIDERS }, (_, index) => String(index));
export const KEYS: readonly string[] = IDS.map((id) => `provider:${id}:stats`);

/** The next of a walk through all of them. */
export function at(list: readonly string[], step: number): string {
  return list[step & (PROVIDERS - 1)]!;
}

/** About 500 bytes of JSON. */
export function statsOf(providerId: string): Stats {
  const monthly = Array.from({ length: 12 }, (_, month) => ({
    month: `2026-${String(month + 1).padStart(2, '0')}`,
    profit: month * 12.5,
  }));
  return { providerId, trades: 1_234, winRate: 0.61, monthly };
}

export class ProviderService {
  @Cacheable('provider:<id>:stats', { ttl: 300 })
  async stats(id: string): Promise<Stats> {
    return statsOf(id);
  }

  @Cacheable('provider:<id>:exact', { ttl: 300, tiers: 'l2' })
  async exact(id: string): Promise<Stats> {
    return statsOf(id);
  }
}

interface CacheOptions {
  /** 0: no Redis. */
  readonly redisPort: number;
  /** Entries of L1. Default: 10,000. */
  readonly maxSize?: number;
}

export async function newCache({ redisPort, maxSize = 10_000 }: CacheOptions): Promise<TiercelCache> {
  const l2 = redisPort === 0 ? {} : { l2: { host: '127.0.0.1', port: redisPort } };
  const cache = createCache({ namespace: `bench${redisPort}`, l1: { maxSize, defaultTTL: 300 }, ...l2 });
  await cache.ready();
  return cache;
}

/** Reads until L1 has them all. */
export async function allInL1(cache: TiercelCache, service: ProviderService): Promise<void> {
  while (KEYS.some((key) => cache.peek(key) === undefined)) {
    await Promise.all(IDS.map((id) => service.stats(id)));
    await turns();
  }
}

/** That calls ended as this one of their outcomes. */
export function proofOf(cache: TiercelCache, outcome: 'l1' | 'l2' | 'loaded'): () => Proof {
  return () => {
    const { calls } = cache.stats();
    return { calls: calls.total, asMeant: calls[outcome] };
  };
}
