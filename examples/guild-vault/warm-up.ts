/** What a worker reads before it takes work: guilds, and their most active members. */
import type { TiercelCache, WarmReport } from 'tiercel';
import { CacheKeys } from './cache-keys';
import type { Remote } from './fleet/process-line';
import type { GuildDatabase } from './guild-database';
import { VAULT_TTL } from './services/vault-service';

export interface Expected {
  readonly guildIds: readonly string[];
  readonly userIds: readonly string[];
}

/** Workers that start together load each key once: the second finds it, or waits for it. */
export function warmUp(
  cache: TiercelCache,
  database: Remote<GuildDatabase>,
  { guildIds, userIds }: Expected,
): Promise<WarmReport> {
  const ofGuilds = guildIds.flatMap((guildId) => [
    { key: CacheKeys.guildLeaderboard(guildId), load: () => database.leaderboard(guildId) },
    { key: CacheKeys.tenantConfig(guildId), load: () => database.config(guildId) },
  ]);
  const ofUsers = userIds.map((userId) => ({
    key: CacheKeys.userVault(userId),
    load: () => database.vault(userId),
    ttl: VAULT_TTL,
  }));
  return cache.warm([...ofGuilds, ...ofUsers], { concurrency: 4 });
}
