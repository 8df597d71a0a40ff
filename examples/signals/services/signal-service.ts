/**
 * Signals: read one, list those of a provider that are open, publish and close them.
 * It knows which cached data a new or closed signal makes out of date; how those data are made is not its business.
 */
import { Cacheable, CacheInvalidate } from '../../../src/index';
import type { Database } from '../database/database';
import { feedPages } from './feed-pages';

export type Direction = 'long' | 'short';

export interface SignalDraft {
  readonly providerId: string;
  readonly assetPair: string;
  readonly direction: Direction;
  readonly entryPrice: number;
}

export interface Signal extends SignalDraft {
  readonly id: string;
  readonly status: 'open' | 'closed';
  /** Both `null` while the signal is open. */
  readonly exitPrice: number | null;
  readonly returnPercent: number | null;
  readonly revision: number;
}

export interface ActiveSignals {
  readonly providerId: string;
  /** Newest first, at most 50. */
  readonly signals: readonly Signal[];
  readonly revision: number;
}

export interface PublishedSignal {
  readonly signal: Signal;
  /** Who follows the provider, and has a new first item in his feed. */
  readonly followerIds: readonly string[];
}

export class SignalNotOpen extends Error {
  constructor(id: string) {
    super(`Signal ${id} does not exist or is closed already.`);
  }
}

const COLUMNS = `id, provider_id as "providerId", asset_pair as "assetPair", direction, status,
  entry_price as "entryPrice", exit_price as "exitPrice", return_percent::float8 as "returnPercent", revision`;

export class SignalService {
  constructor(private readonly database: Database) {}

  /** `null` if there is no such signal; that answer is cached, too. */
  @Cacheable('signal:<id>', { ttl: 'signalDetails' })
  async detail(id: string): Promise<Signal | null> {
    const [signal] = await this.database.rows<Signal>(`select ${COLUMNS} from signals where id = $1`, [id]);
    return signal ?? null;
  }

  @Cacheable('signals:active:<providerId>', { ttl: 'activeSignals' })
  async activeOf(providerId: string): Promise<ActiveSignals> {
    return this.database.one<ActiveSignals>(
      `with active as (
         select ${COLUMNS} from signals where provider_id = $1 and status = 'open' order by published desc limit 50
       )
       select p.id as "providerId", p.activity_revision as revision,
         (select coalesce(json_agg(active), '[]') from active) as signals
       from providers p where p.id = $1`,
      [providerId],
    );
  }

  // `signal:<id>` too: somebody may have asked for the id before it was given, and the cache knows that there was nothing.
  @CacheInvalidate([
    'signal:<result.signal.id>',
    'signals:active:<draft.providerId>',
    'provider:<draft.providerId>:stats',
    'leaderboard:top',
  ])
  @CacheInvalidate((_, { followerIds }) => feedPages(followerIds))
  async publish(draft: SignalDraft): Promise<PublishedSignal> {
    return this.database.one<PublishedSignal>(
      `with change as (
         select nextval('changes')::integer as number
       ), published as (
         insert into signals (id, provider_id, asset_pair, direction, entry_price, status, published, revision)
         select 's' || number, $1, $2, $3, $4, 'open', number, number from change
         returning ${COLUMNS}
       ), provider as (
         update providers set activity_revision = change.number from change where id = $1
       )
       select to_json(published) as signal,
         (select coalesce(json_agg(user_id order by user_id), '[]') from follows where provider_id = $1)
           as "followerIds"
       from published`,
      [draft.providerId, draft.assetPair, draft.direction, draft.entryPrice],
    );
  }

  /** @throws SignalNotOpen */
  @CacheInvalidate([
    'signal:<id>',
    'signals:active:<result.providerId>',
    'provider:<result.providerId>:stats',
    'leaderboard:top',
  ])
  async close(id: string, exitPrice: number): Promise<Signal> {
    const [closed] = await this.database.rows<Signal>(
      `with change as (
         select nextval('changes')::integer as number
       ), closed as (
         update signals set status = 'closed', exit_price = $2, revision = change.number,
           return_percent = round(
             (100 * ($2 / entry_price - 1) * case direction when 'long' then 1 else -1 end)::numeric, 2
           )
         from change where id = $1 and status = 'open'
         returning ${COLUMNS}
       ), provider as (
         update providers set activity_revision = closed.revision from closed where providers.id = "providerId"
       )
       select * from closed`,
      [id, exitPrice],
    );
    if (closed === undefined) throw new SignalNotOpen(id);
    return closed;
  }
}
