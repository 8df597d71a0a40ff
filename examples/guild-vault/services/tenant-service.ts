/** What each guild has configured. */
import { Cacheable } from 'tiercel';
import type { CacheInvalidator } from '../cache-invalidator';
import { CacheKeys } from '../cache-keys';
import type { Remote } from '../fleet/process-line';
import type { GuildDatabase, TenantConfig } from '../guild-database';

export class TenantService {
  constructor(
    private readonly database: Remote<GuildDatabase>,
    private readonly invalidator: CacheInvalidator,
  ) {}

  @Cacheable(CacheKeys.tenantConfig.template)
  async config(guildId: string): Promise<TenantConfig> {
    return this.database.config(guildId);
  }

  async setFee(guildId: string, feePercent: number): Promise<boolean> {
    await this.database.setFee(guildId, feePercent);
    return this.invalidator.onTenantConfigUpdate(guildId);
  }
}
