/**
 * Signals: read one, list those of a provider that are open, publish and close them.
 * It says that a signal was created or closed; which cached data that makes out of date is in `cache.config.ts`.
 */
import { Cacheable, CacheInvalidate } from 'tiercel';
import type { Database } from '../database/database';

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

  // Somebody may have asked for the id before it was given, and the cache knows that there was nothing. That is about
  // this method's way to give ids, not about the event, whose data need no more than the provider.
  @CacheInvalidate(['signal:<result.id>'])
  @CacheInvalidate({ event: 'signal.created', data: ([{ providerId }]) => ({ providerId }) })
  async publish(draft: SignalDraft): Promise<Signal> {
    return this.database.one<Signal>(
      `with change as (
         select nextval('changes')::integer as number
       ), published as (
         insert into signals (id, provider_id, asset_pair, direction, entry_price, status, published, revision)
         select 's' || number, $1, $2, $3, $4, 'open', number, number from change
         returning ${COLUMNS}
       ), provider as (
         update providers set activity_revision = change.number from change where id = $1
       )
       select * from published`,
      [draft.providerId, draft.assetPair, draft.direction, draft.entryPrice],
    );
  }

  /** @throws SignalNotOpen */
  @CacheInvalidate({ event: 'signal.closed', data: ([id], { providerId }) => ({ id, providerId }) })
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
