/**
 * Knows what each change of the data makes out of date. Services call it after their write. When the call has returned, this
 * worker serves no old value any more, and the others none after the channel's latency. It holds no state: the history is the
 * cache's own.
 */
import type { InvalidationRecord, InvalidationStatistics, TiercelCache, Ttl } from 'tiercel';
import { CacheKeys, InvalidationPatterns } from './cache-keys';

const DEFAULT_WINDOW_MS = 60_000;

export class CacheInvalidator {
  constructor(private readonly cache: TiercelCache) {}

  onUserVaultUpdate(userId: string): Promise<boolean> {
    return this.writeInvalidate([CacheKeys.userVault(userId)], 'user vault update');
  }

  /** The user's position, and the leaderboard that shows it. The positions of others stay: they are scores, not ranks. */
  onUserScoreUpdate(userId: string, guildId: string): Promise<boolean> {
    const keys = [CacheKeys.userPosition(userId, guildId), CacheKeys.guildLeaderboard(guildId)];
    return this.writeInvalidate(keys, 'user score update');
  }

  onGuildLeaderboardChange(guildId: string): Promise<boolean> {
    return this.patternInvalidate(InvalidationPatterns.guildLeaderboard(guildId), 'guild leaderboard change');
  }

  onTenantConfigUpdate(guildId: string): Promise<boolean> {
    return this.writeInvalidate([CacheKeys.tenantConfig(guildId)], 'tenant config update');
  }

  /** Blocks were replaced: nothing that was read from the chain may be believed. */
  onChainReorg(): Promise<boolean> {
    return this.patternInvalidate(InvalidationPatterns.allRpc(), 'chain reorganization');
  }

  onBalanceChange(wallet: string): Promise<boolean> {
    return this.writeInvalidate([CacheKeys.rpcBalance(wallet)], 'balance change');
  }

  onBulkUserUpdate(userIds: readonly string[]): Promise<boolean> {
    return this.patternInvalidate(userIds.flatMap(InvalidationPatterns.allForUser), 'bulk user update');
  }

  /** Resolves to whether Redis has acknowledged it; if not, it is queued and delivered later. */
  async writeInvalidate(keys: readonly string[], reason: string): Promise<boolean> {
    return (await this.cache.invalidate({ patterns: keys, reason })).acknowledged;
  }

  /** The same for keys and patterns of which at least one has a wildcard. */
  async patternInvalidate(patterns: readonly string[], reason: string): Promise<boolean> {
    return (await this.cache.invalidate({ patterns, reason })).acknowledged;
  }

  /** Runs `write` and stores its result in both tiers, unless somebody has changed the key meanwhile. */
  writeThrough<V>(key: string, write: () => Promise<V>, ttl?: Ttl): Promise<V> {
    return this.cache.put(key, write, { ttl, name: 'writeThrough' });
  }

  /** What this worker has invalidated lately: when, which names, how, and why. */
  history(): readonly InvalidationRecord[] {
    return this.cache.invalidations.history();
  }

  getInvalidationStats(windowMs: number = DEFAULT_WINDOW_MS): InvalidationStatistics {
    return this.cache.invalidations.stats(windowMs);
  }
}
