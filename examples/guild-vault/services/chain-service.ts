/** Balances on the blockchain. Its node reports changes: a transfer, or blocks that were replaced. */
import { Cacheable } from 'tiercel';
import type { CacheInvalidator } from '../cache-invalidator';
import { CacheKeys } from '../cache-keys';
import type { Remote } from '../fleet/process-line';
import type { Balance, GuildDatabase } from '../guild-database';

export class ChainService {
  constructor(
    private readonly node: Remote<GuildDatabase>,
    private readonly invalidator: CacheInvalidator,
  ) {}

  @Cacheable(CacheKeys.rpcBalance.template)
  async balance(wallet: string): Promise<Balance> {
    return this.node.balance(wallet);
  }

  async transfer(wallet: string, coins: number): Promise<boolean> {
    await this.node.transfer(wallet, coins);
    return this.invalidator.onBalanceChange(wallet);
  }

  async reorganize(): Promise<boolean> {
    await this.node.reorganizeChain();
    return this.invalidator.onChainReorg();
  }
}
