/** Scores of users in guilds, and the best of each guild. */
import { Cacheable } from 'tiercel';
import type { CacheInvalidator } from '../cache-invalidator';
import { CacheKeys } from '../cache-keys';
import type { Remote } from '../fleet/process-line';
import type { GuildDatabase, Leaderboard, Position } from '../guild-database';

export class LeaderboardService {
  constructor(
    private readonly database: Remote<GuildDatabase>,
    private readonly invalidator: CacheInvalidator,
  ) {}

  @Cacheable(CacheKeys.userPosition.template)
  async position(userId: string, guildId: string): Promise<Position> {
    return this.database.position(userId, guildId);
  }

  @Cacheable(CacheKeys.guildLeaderboard.template)
  async leaderboard(guildId: string): Promise<Leaderboard> {
    return this.database.leaderboard(guildId);
  }

  async addScore(userId: string, guildId: string, points: number): Promise<boolean> {
    await this.database.addScore(userId, guildId, points);
    return this.invalidator.onUserScoreUpdate(userId, guildId);
  }

  async startSeason(guildId: string): Promise<boolean> {
    await this.database.startSeason(guildId);
    return this.invalidator.onGuildLeaderboardChange(guildId);
  }
}
