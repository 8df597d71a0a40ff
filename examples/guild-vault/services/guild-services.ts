/** All services of a worker over one cache, behind two calls: read a view, make a change. */
import type { TiercelCache } from 'tiercel';
import { CacheInvalidator } from '../cache-invalidator';
import { CacheKeys } from '../cache-keys';
import type { Remote } from '../fleet/process-line';
import type { GuildDatabase, Row } from '../guild-database';
import { ChainService } from './chain-service';
import { LeaderboardService } from './leaderboard-service';
import { TenantService } from './tenant-service';
import { VaultService } from './vault-service';

/** Something to read: which kind, and whose. */
export type View =
  | readonly ['vault', userId: string]
  | readonly ['position', userId: string, guildId: string]
  | readonly ['leaderboard', guildId: string]
  | readonly ['config', guildId: string]
  | readonly ['balance', wallet: string];

/** A change of the data, as a service offers it: with the call of the invalidator that follows it. */
export type Change =
  | readonly ['deposit', userId: string, coins: number]
  | readonly ['depositForAll', userIds: readonly string[], coins: number]
  | readonly ['purchase', userId: string, coins: number]
  | readonly ['addScore', userId: string, guildId: string, points: number]
  | readonly ['startSeason', guildId: string]
  | readonly ['setFee', guildId: string, feePercent: number]
  | readonly ['transfer', wallet: string, coins: number]
  | readonly ['reorganize'];

export class GuildServices {
  readonly invalidator: CacheInvalidator;
  readonly #vaults: VaultService;
  readonly #leaderboards: LeaderboardService;
  readonly #tenants: TenantService;
  readonly #chain: ChainService;

  constructor(cache: TiercelCache, database: Remote<GuildDatabase>) {
    this.invalidator = new CacheInvalidator(cache);
    this.#vaults = new VaultService(cache, database, this.invalidator);
    this.#leaderboards = new LeaderboardService(database, this.invalidator);
    this.#tenants = new TenantService(database, this.invalidator);
    this.#chain = new ChainService(database, this.invalidator);
  }

  read(view: View): Promise<Row> {
    switch (view[0]) {
      case 'vault':
        return this.#vaults.vault(view[1]);
      case 'position':
        return this.#leaderboards.position(view[1], view[2]);
      case 'leaderboard':
        return this.#leaderboards.leaderboard(view[1]);
      case 'config':
        return this.#tenants.config(view[1]);
      case 'balance':
        return this.#chain.balance(view[1]);
    }
  }

  /** Resolves to whether Redis has acknowledged what follows from the change. */
  async make(change: Change): Promise<boolean> {
    switch (change[0]) {
      case 'deposit':
        return this.#vaults.deposit(change[1], change[2]);
      case 'depositForAll':
        return this.#vaults.depositForAll(change[1], change[2]);
      case 'purchase':
        await this.#vaults.purchase(change[1], change[2]);
        return true;
      case 'addScore':
        return this.#leaderboards.addScore(change[1], change[2], change[3]);
      case 'startSeason':
        return this.#leaderboards.startSeason(change[1]);
      case 'setFee':
        return this.#tenants.setFee(change[1], change[2]);
      case 'transfer':
        return this.#chain.transfer(change[1], change[2]);
      case 'reorganize':
        return this.#chain.reorganize();
    }
  }
}

export function keyOf(view: View): string {
  switch (view[0]) {
    case 'vault':
      return CacheKeys.userVault(view[1]);
    case 'position':
      return CacheKeys.userPosition(view[1], view[2]);
    case 'leaderboard':
      return CacheKeys.guildLeaderboard(view[1]);
    case 'config':
      return CacheKeys.tenantConfig(view[1]);
    case 'balance':
      return CacheKeys.rpcBalance(view[1]);
  }
}
