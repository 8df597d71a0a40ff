/**
 * Stands for the database and the blockchain node: one for all workers, in the process that starts them. It answers after some
 * milliseconds and counts its queries. Every row carries its revision, the number of the last change in it, so that an
 * old value can be told from a new one.
 */
export interface Row {
  readonly revision: number;
}

export interface Vault extends Row {
  readonly userId: string;
  readonly coins: number;
}

export interface Position extends Row {
  readonly userId: string;
  readonly guildId: string;
  readonly score: number;
}

export interface Leaderboard extends Row {
  readonly guildId: string;
  readonly top: readonly { readonly userId: string; readonly score: number }[];
}

export interface TenantConfig extends Row {
  readonly guildId: string;
  readonly feePercent: number;
}

export interface Balance extends Row {
  readonly wallet: string;
  readonly coins: number;
}

const QUERY_MS = 5;
const TOP = 10;

export class GuildDatabase {
  queries = 0;
  #revision = 0;
  readonly #vaults = new Map<string, Vault>();
  readonly #positions = new Map<string, Position>();
  readonly #leaderboards = new Map<string, number>();
  readonly #configs = new Map<string, TenantConfig>();
  readonly #balances = new Map<string, Balance>();
  #reorganizedAt = 0;

  /** @param members of each of the guilds */
  constructor(guildIds: readonly string[], members: readonly string[]) {
    for (const userId of members) this.#deposit(userId, 1_000);
    for (const guildId of guildIds) {
      for (const [rank, userId] of members.entries()) this.#score(userId, guildId, 100 - rank);
    }
  }

  vault(userId: string): Promise<Vault> {
    return this.#query(() => this.#vaults.get(userId) ?? { userId, coins: 0, revision: 0 });
  }

  position(userId: string, guildId: string): Promise<Position> {
    return this.#query(() => this.#position(userId, guildId));
  }

  leaderboard(guildId: string): Promise<Leaderboard> {
    return this.#query(() => {
      const members = [...this.#positions.values()].filter((position) => position.guildId === guildId);
      const top = members.sort((a, b) => b.score - a.score).slice(0, TOP);
      return {
        guildId,
        top: top.map(({ userId, score }) => ({ userId, score })),
        revision: this.#leaderboards.get(guildId) ?? 0,
      };
    });
  }

  config(guildId: string): Promise<TenantConfig> {
    return this.#query(() => this.#configs.get(guildId) ?? { guildId, feePercent: 1, revision: 0 });
  }

  balance(wallet: string): Promise<Balance> {
    return this.#query(() => this.#balance(wallet));
  }

  deposit(userId: string, coins: number): Promise<Vault> {
    return this.#query(() => this.#deposit(userId, coins));
  }

  depositForAll(userIds: readonly string[], coins: number): Promise<void> {
    return this.#query(() => {
      for (const userId of userIds) this.#deposit(userId, coins);
    });
  }

  addScore(userId: string, guildId: string, points: number): Promise<void> {
    return this.#query(() => this.#score(userId, guildId, points));
  }

  startSeason(guildId: string): Promise<void> {
    return this.#query(() => {
      for (const { userId, guildId: of, score } of this.#positions.values()) {
        if (of === guildId) this.#score(userId, guildId, -score);
      }
    });
  }

  setFee(guildId: string, feePercent: number): Promise<void> {
    return this.#query(() => {
      this.#configs.set(guildId, { guildId, feePercent, revision: this.#nextRevision() });
    });
  }

  transfer(wallet: string, coins: number): Promise<void> {
    return this.#query(() => {
      const before = this.#balance(wallet);
      this.#balances.set(before.wallet, {
        ...before,
        coins: before.coins + coins,
        revision: this.#nextRevision(),
      });
    });
  }

  reorganizeChain(): Promise<void> {
    return this.#query(() => {
      this.#balances.clear();
      this.#reorganizedAt = this.#nextRevision();
    });
  }

  #position(userId: string, guildId: string): Position {
    return this.#positions.get(`${userId} in ${guildId}`) ?? { userId, guildId, score: 0, revision: 0 };
  }

  #balance(wallet: string): Balance {
    const address = wallet.toLowerCase();
    return this.#balances.get(address) ?? { wallet: address, coins: 0, revision: this.#reorganizedAt };
  }

  #deposit(userId: string, coins: number): Vault {
    const before = this.#vaults.get(userId)?.coins ?? 0;
    const vault = { userId, coins: before + coins, revision: this.#nextRevision() };
    this.#vaults.set(userId, vault);
    return vault;
  }

  #score(userId: string, guildId: string, points: number): void {
    const { score } = this.#position(userId, guildId);
    const revision = this.#nextRevision();
    this.#positions.set(`${userId} in ${guildId}`, { userId, guildId, score: score + points, revision });
    this.#leaderboards.set(guildId, revision);
  }

  #nextRevision(): number {
    this.#revision += 1;
    return this.#revision;
  }

  /** A change takes effect, and a row is read, at once; then the answer is on its way. */
  #query<V>(run: () => V): Promise<V> {
    this.queries += 1;
    const answer = run();
    return new Promise((resolve) => setTimeout(() => resolve(answer), QUERY_MS));
  }
}
