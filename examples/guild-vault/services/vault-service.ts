/** What users own. Read with times to live of its own; a purchase is written through, for the buyer looks at once. */
import type { TiercelCache } from 'tiercel';
import type { CacheInvalidator } from '../cache-invalidator';
import { CacheKeys } from '../cache-keys';
import type { Remote } from '../fleet/process-line';
import { getOrCompute } from '../get-or-compute';
import type { GuildDatabase, Vault } from '../guild-database';

const LIFETIMES = { l1TtlMs: 30_000, l2TtlMs: 180_000 };
/** The same for calls that take a `ttl`. */
export const VAULT_TTL = { l1: '30s', l2: '3m' } as const;

export class VaultService {
  constructor(
    private readonly cache: TiercelCache,
    private readonly database: Remote<GuildDatabase>,
    private readonly invalidator: CacheInvalidator,
  ) {}

  vault(userId: string): Promise<Vault> {
    const read = () => this.database.vault(userId);
    return getOrCompute(this.cache, CacheKeys.userVault(userId), read, LIFETIMES);
  }

  async deposit(userId: string, coins: number): Promise<boolean> {
    await this.database.deposit(userId, coins);
    return this.invalidator.onUserVaultUpdate(userId);
  }

  purchase(userId: string, coins: number): Promise<Vault> {
    const write = () => this.database.deposit(userId, -coins);
    return this.invalidator.writeThrough(CacheKeys.userVault(userId), write, VAULT_TTL);
  }

  async depositForAll(userIds: readonly string[], coins: number): Promise<boolean> {
    await this.database.depositForAll(userIds, coins);
    return this.invalidator.onBulkUserUpdate(userIds);
  }
}
