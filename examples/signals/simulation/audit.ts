/**
 * The last look, when nothing is written any more: a sample of what the cache answers beside what the database answers
 * now. It needs no knowledge of what a write concerns, so it finds what `writes.ts` and the decorators both forgot.
 */
import { isDeepStrictEqual } from 'node:util';
import { type CachedMethod, cached } from 'tiercel';
import type { Population } from '../database/data-set';
import type { Platform } from '../platform';
import { FEED_CURSORS } from '../services/feed-service';
import { Random } from './random';

export interface Audit {
  readonly compared: number;
  /** The keys under which the cache had something else than the database. */
  readonly different: readonly string[];
}

interface Comparison {
  readonly key: string;
  cached(): Promise<unknown>;
  fresh(): Promise<unknown>;
}

/** Of users, providers and signals: so many of the most popular ones. */
const SAMPLED = 60;

/** Compares in random order until all is compared or the time is over. */
export async function audit(
  platform: Platform,
  population: Population,
  options: { readonly seed: number; readonly withinMs: number },
): Promise<Audit> {
  const random = new Random(options.seed).fork('audit');
  const comparisons = comparisonsOf(platform, population).map((comparison) => ({
    comparison,
    at: random.next(),
  }));
  comparisons.sort((a, b) => a.at - b.at);
  const different: string[] = [];
  const endsAt = performance.now() + options.withinMs;
  let compared = 0;
  for (const { comparison } of comparisons) {
    if (performance.now() >= endsAt) break;
    const [kept, fresh] = await Promise.all([comparison.cached(), comparison.fresh()]);
    compared += 1;
    if (!isDeepStrictEqual(kept, fresh)) different.push(comparison.key);
  }
  return { compared, different };
}

function comparisonsOf(platform: Platform, population: Population): Comparison[] {
  const { feeds, leaderboard, portfolios, prices, providers, signals } = platform;
  const users = population.userIds.slice(0, SAMPLED);
  const providerIds = idsOf(population.providerIds.slice(0, SAMPLED));
  const signalIds = idsOf(population.openSignalIds.slice(-SAMPLED));
  const pages = users.flatMap((id) => [undefined, ...FEED_CURSORS].map((cursor) => [id, cursor] as const));
  return [
    ...pages.map(([userId, cursor]) => ({
      key: feeds.cache.entries.key({ userId, cursor }),
      cached: () => feeds.page(userId, cursor),
      fresh: () => feeds.fetch(userId, cursor),
    })),
    ...providerIds.map(([id]) => ({
      key: providers.cache.entries.key({ id }),
      cached: () => providers.stats(id),
      fresh: () => providers.fetchStats(id),
    })),
    ...population.assetPairs.map((assetPair) => ({
      key: prices.cache.entries.key({ assetPair }),
      cached: () => prices.current(assetPair),
      fresh: () => prices.fetch(assetPair),
    })),
    ...comparisonsBy(cached(portfolios, 'summary'), (id) => portfolios.summary(id), idsOf(users)),
    ...comparisonsBy(cached(providers, 'profile'), (id) => providers.profile(id), providerIds),
    ...comparisonsBy(cached(signals, 'activeOf'), (id) => signals.activeOf(id), providerIds),
    ...comparisonsBy(cached(signals, 'detail'), (id) => signals.detail(id), signalIds),
    ...comparisonsBy(cached(leaderboard, 'top'), () => leaderboard.top(), [[]]),
  ];
}

function comparisonsBy<Arguments extends readonly unknown[], View>(
  method: CachedMethod<Arguments, View>,
  call: (...args: Arguments) => Promise<View>,
  calls: readonly (readonly [...Arguments])[],
): Comparison[] {
  return calls.map((args) => ({
    key: method.key(...args),
    cached: () => call(...args),
    fresh: () => method.uncached(...args),
  }));
}

function idsOf(ids: readonly string[]): [string][] {
  return ids.map((id) => [id]);
}
