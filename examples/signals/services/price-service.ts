/**
 * Prices: the current quote of an asset pair, and its history. Quotes change many times a second.
 * The history has completed days only, which nothing changes any more: it just expires.
 */
import { Cacheable, CacheInvalidate } from 'tiercel';
import type { Database } from '../database/database';
import type { PriceCacheStrategy } from '../strategies/price-cache-strategy';

export interface Quote {
  readonly bid: number;
  readonly ask: number;
}

export interface Price extends Quote {
  readonly assetPair: string;
  readonly revision: number;
}

export interface Candle {
  /** `2026-01-15` */
  readonly day: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface PriceHistory {
  readonly assetPair: string;
  /** Oldest first. */
  readonly candles: readonly Candle[];
  readonly revision: number;
}

const COLUMNS = 'asset_pair as "assetPair", bid, ask, revision';

export class PriceService {
  constructor(
    private readonly database: Database,
    readonly cache: PriceCacheStrategy,
  ) {}

  async current(assetPair: string): Promise<Price> {
    return this.cache.getOrFetchPrice(assetPair, () => this.fetch(assetPair));
  }

  /** From the database. */
  async fetch(assetPair: string): Promise<Price> {
    return this.database.one<Price>(`select ${COLUMNS} from prices where asset_pair = $1`, [assetPair]);
  }

  @Cacheable('price:<assetPair>:history', { ttl: 'priceHistory' })
  async history(assetPair: string): Promise<PriceHistory> {
    return this.database.one<PriceHistory>(
      `select $1 as "assetPair", 0 as revision,
         coalesce(json_agg(json_build_object(
           'day', day, 'open', open, 'high', high, 'low', low, 'close', close
         ) order by day), '[]') as candles
       from candles where asset_pair = $1`,
      [assetPair],
    );
  }

  @CacheInvalidate({ event: 'price.updated' })
  async update(assetPair: string, { bid, ask }: Quote): Promise<Price> {
    return this.database.one<Price>(
      `update prices set bid = $2, ask = $3, revision = nextval('changes') where asset_pair = $1
       returning ${COLUMNS}`,
      [assetPair, bid, ask],
    );
  }
}
