/**
 * Portfolios: what a user has bought by copying signals, at cost. Market value is not part of it: prices change many
 * times a second, and are read from `PriceService` when a portfolio is shown.
 */
import { Cacheable, CacheInvalidate } from 'tiercel';
import type { Database } from '../database/database';

export interface Trade {
  readonly signalId: string;
  readonly quantity: number;
  readonly price: number;
}

export interface ExecutedTrade extends Trade {
  readonly userId: string;
  readonly revision: number;
}

export interface Position {
  readonly assetPair: string;
  readonly trades: number;
  readonly quantity: number;
  readonly invested: number;
}

export interface Portfolio {
  readonly userId: string;
  readonly positions: readonly Position[];
  readonly invested: number;
  readonly revision: number;
}

export class PortfolioService {
  constructor(private readonly database: Database) {}

  @Cacheable('portfolio:<userId>', { ttl: 'portfolio' })
  async summary(userId: string): Promise<Portfolio> {
    return this.database.one<Portfolio>(
      `with positions as (
         select s.asset_pair as "assetPair", count(*)::integer as trades, sum(t.quantity) as quantity,
           sum(t.quantity * t.price) as invested, max(t.revision) as revision
         from trades t join signals s on s.id = t.signal_id where t.user_id = $1 group by s.asset_pair
       )
       select $1 as "userId",
         coalesce(json_agg(json_build_object(
           'assetPair', "assetPair", 'trades', trades, 'quantity', quantity, 'invested', invested
         ) order by "assetPair"), '[]') as positions,
         coalesce(sum(invested), 0)::float8 as invested,
         coalesce(max(revision), 0) as revision
       from positions`,
      [userId],
    );
  }

  @CacheInvalidate({ event: 'trade.executed' })
  async execute(userId: string, { signalId, quantity, price }: Trade): Promise<ExecutedTrade> {
    return this.database.one<ExecutedTrade>(
      `insert into trades (user_id, signal_id, quantity, price, revision)
       values ($1, $2, $3, $4, nextval('changes'))
       returning user_id as "userId", signal_id as "signalId", quantity::float8, price::float8, revision`,
      [userId, signalId, quantity, price],
    );
  }
}
