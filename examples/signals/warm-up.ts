/**
 * What is loaded before the first visitor comes: what everybody looks at. Feeds are left out: there are as many as users,
 * and the first signal would make all of them out of date.
 */
import { cached, type TiercelCache, type WarmEntry, type WarmProgress, type WarmReport } from 'tiercel';
import type { Population } from './database/data-set';
import type { Platform } from './platform';

/** The label of what `warm` does in the statistics, unless its entries say otherwise. */
export const WARM_UP = 'warm';

/** So many of the most popular providers. */
const WARMED_PROVIDERS = 100;

export function warmUp(
  cache: TiercelCache,
  platform: Platform,
  population: Population,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: WarmProgress) => void },
): Promise<WarmReport> {
  return cache.warm([...entriesOf(platform, population)], options);
}

function* entriesOf(
  { leaderboard, prices, providers }: Platform,
  { assetPairs, providerIds }: Population,
): Generator<WarmEntry> {
  const [top, history, profile] = [
    cached(leaderboard, 'top'),
    cached(prices, 'history'),
    cached(providers, 'profile'),
  ];
  yield { key: top.key(), load: () => top.uncached(), ttl: 'leaderboard' };
  for (const pair of assetPairs) {
    yield {
      key: prices.cache.entries.key({ assetPair: pair }),
      load: () => prices.fetch(pair),
      ttl: 'prices',
    };
    yield { key: history.key(pair), load: () => history.uncached(pair), ttl: 'priceHistory' };
  }
  for (const id of providerIds.slice(0, WARMED_PROVIDERS)) {
    yield {
      key: providers.cache.entries.key({ id }),
      load: () => providers.fetchStats(id),
      ttl: 'providerStats',
    };
    yield { key: profile.key(id), load: () => profile.uncached(id), ttl: 'providerProfile' };
  }
}
