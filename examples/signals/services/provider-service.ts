/**
 * Providers: who publishes signals, and how well. Statistics are computed from their signals and from what the rating
 * desk sets, which is written through: the method that changes them returns, and stores, the new ones.
 */
import { Cacheable, CacheInvalidate } from 'tiercel';
import type { Database } from '../database/database';
import type { ProviderCacheStrategy } from '../strategies/provider-cache-strategy';

export interface ProviderProfile {
  readonly id: string;
  readonly name: string;
  readonly bio: string;
  readonly revision: number;
}

export interface ProviderRating {
  readonly subscribers: number;
  /** 1, careful, to 10, reckless. */
  readonly riskScore: number;
}

export interface ProviderStats extends ProviderRating {
  readonly providerId: string;
  readonly published: number;
  readonly closed: number;
  /** Percent of the closed signals; 0 where none is closed. */
  readonly winRate: number;
  readonly averageReturn: number;
  readonly revision: number;
}

const STATS = `p.id as "providerId", rating.subscribers, rating.risk_score as "riskScore",
  count(s.id)::integer as published,
  count(*) filter (where s.status = 'closed')::integer as closed,
  coalesce(round(100 * avg((s.return_percent > 0)::integer) filter (where s.status = 'closed'), 1), 0)::float8
    as "winRate",
  coalesce(round(avg(s.return_percent), 2), 0)::float8 as "averageReturn",
  greatest(p.activity_revision, rating.revision) as revision`;

const GROUPS = 'p.id, p.activity_revision, rating.subscribers, rating.risk_score, rating.revision';

export class ProviderService {
  constructor(
    private readonly database: Database,
    readonly cache: ProviderCacheStrategy,
  ) {}

  @Cacheable('provider:<id>:profile', { ttl: 'providerProfile' })
  async profile(id: string): Promise<ProviderProfile> {
    return this.database.one<ProviderProfile>(
      'select id, name, bio, profile_revision as revision from providers where id = $1',
      [id],
    );
  }

  @CacheInvalidate(['provider:<id>:profile'])
  async updateBio(id: string, bio: string): Promise<ProviderProfile> {
    return this.database.one<ProviderProfile>(
      `update providers set bio = $2, profile_revision = nextval('changes') where id = $1
       returning id, name, bio, profile_revision as revision`,
      [id, bio],
    );
  }

  async stats(id: string): Promise<ProviderStats> {
    return this.cache.getOrFetchStats(id, () => this.fetchStats(id));
  }

  /** From the database. */
  async fetchStats(id: string): Promise<ProviderStats> {
    return this.database.one<ProviderStats>(
      `select ${STATS}
       from providers p join ratings rating on rating.provider_id = p.id left join signals s on s.provider_id = p.id
       where p.id = $1 group by ${GROUPS}`,
      [id],
    );
  }

  async updateStats(id: string, rating: ProviderRating): Promise<ProviderStats> {
    return this.cache.writeStats(id, () => this.#writeStats(id, rating));
  }

  async #writeStats(id: string, { subscribers, riskScore }: ProviderRating): Promise<ProviderStats> {
    return this.database.one<ProviderStats>(
      `with rating as (
         update ratings set subscribers = $2, risk_score = $3, revision = nextval('changes') where provider_id = $1
         returning *
       )
       select ${STATS}
       from rating join providers p on p.id = rating.provider_id left join signals s on s.provider_id = p.id
       group by ${GROUPS}`,
      [id, subscribers, riskScore],
    );
  }
}
