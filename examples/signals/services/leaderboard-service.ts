/**
 * The best providers by average return. The most expensive query of the platform, and the same for everybody: when a
 * signal is published or closed, all who want it next wait for one load.
 */
import { Cacheable } from 'tiercel';
import type { Database } from '../database/database';

export interface Leader {
  readonly providerId: string;
  readonly name: string;
  readonly published: number;
  readonly averageReturn: number;
}

export interface Leaderboard {
  /** Best first. */
  readonly leaders: readonly Leader[];
  readonly revision: number;
}

export class LeaderboardService {
  constructor(private readonly database: Database) {}

  @Cacheable('leaderboard:top', { ttl: 'leaderboard' })
  async top(): Promise<Leaderboard> {
    return this.database.one<Leaderboard>(
      `with leaders as (
         select p.id as "providerId", p.name, count(*)::integer as published,
           round(avg(s.return_percent), 2)::float8 as "averageReturn"
         from providers p join signals s on s.provider_id = p.id
         group by p.id having count(s.return_percent) >= 10
         order by avg(s.return_percent) desc, p.id limit 20
       )
       select (select coalesce(json_agg(leaders), '[]') from leaders) as leaders,
         (select max(activity_revision) from providers) as revision`,
    );
  }
}
