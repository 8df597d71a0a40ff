/**
 * The feed of a user: the newest signals of the providers that the user follows, page by page.
 * A feed shows what never changes of a signal (what was proposed, and at which price) and whether the user has copied it.
 * Whether the signal is still open belongs to `SignalService.detail`; so closing one leaves every feed as it is.
 */
import type { Database } from '../database/database';
import type { FeedCacheStrategy } from '../strategies/feed-cache-strategy';
import type { Direction } from './signal-service';

export interface FeedItem {
  readonly signalId: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly assetPair: string;
  readonly direction: Direction;
  readonly entryPrice: number;
  readonly copied: boolean;
}

export interface FeedPage {
  readonly userId: string;
  readonly items: readonly FeedItem[];
  /** The last change of the platform that this page has seen; see `database/schema.ts`. */
  readonly revision: number;
}

/** Pages after the first; nobody scrolls further than the third. */
export const FEED_CURSORS = ['2', '3'] as const;
export type FeedCursor = (typeof FEED_CURSORS)[number];

const PAGE_SIZE = 20;

export class FeedService {
  constructor(
    private readonly database: Database,
    readonly cache: FeedCacheStrategy,
  ) {}

  async page(userId: string, cursor?: FeedCursor): Promise<FeedPage> {
    return this.cache.getOrFetchFeed(userId, cursor, () => this.fetch(userId, cursor));
  }

  /** From the database. */
  async fetch(userId: string, cursor?: FeedCursor): Promise<FeedPage> {
    const skipped = (Number(cursor ?? 1) - 1) * PAGE_SIZE;
    return this.database.one<FeedPage>(
      `with followed as (
         select newest.* from follows f, lateral (
           select * from signals s where s.provider_id = f.provider_id order by published desc limit ${PAGE_SIZE} + $2
         ) newest
         where f.user_id = $1
       ), page as (
         select * from followed order by published desc limit ${PAGE_SIZE} offset $2
       ), copies as (
         select signal_id, revision from trades where user_id = $1
       )
       select $1 as "userId",
         (select coalesce(json_agg(json_build_object(
            'signalId', page.id,
            'providerId', page.provider_id,
            'providerName', p.name,
            'assetPair', page.asset_pair,
            'direction', page.direction,
            'entryPrice', page.entry_price,
            'copied', exists (select from copies where signal_id = page.id)
          ) order by page.published desc), '[]') from page join providers p on p.id = page.provider_id) as items,
         greatest(
           (select max(published) from followed),
           (select max(revision) from copies),
           0
         ) as revision`,
      [userId, skipped],
    );
  }
}
