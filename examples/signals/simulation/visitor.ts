/**
 * One visitor at a time: opens the platform, looks at signals and goes back to the feed after each, looks at a provider
 * and at further pages, and now and then copies a signal. Like a browser, it asks for what a screen needs all at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Population } from '../database/data-set';
import { FEED_CURSORS, type FeedItem, type FeedPage } from '../services/feed-service';
import { type Random, Zipf } from './random';
import type { Reads } from './reads';
import type { Writes } from './writes';

/** How popular users and providers are. */
export interface Popularity {
  readonly users: Zipf;
  readonly providers: Zipf;
}

const WATCHED_PAIRS = 4;
const OPENED_SIGNALS = 3;
const NEXT_PAGE = 0.3;
const COPIES = 0.05;
const LOOKS_AT_HISTORY = 0.3;
const THINKING_MS = { least: 5, most: 25 } as const;

export class Visitor {
  readonly #pairPopularity: Zipf;
  /** A visitor looks at the top of a feed first. */
  readonly #position = new Zipf(20, 1);

  constructor(
    private readonly population: Population,
    private readonly reads: Reads,
    private readonly writes: Writes,
    private readonly random: Random,
    private readonly popularity: Popularity,
  ) {
    this.#pairPopularity = new Zipf(population.assetPairs.length, 1);
  }

  async visit(): Promise<void> {
    const userId = this.population.userIds[this.popularity.users.draw(this.random)]!;
    const feed = await this.#home(userId);
    await this.#think();
    await this.#signals(userId, feed);
    await this.#think();
    await this.#provider();
    await this.#think();
    for (const cursor of FEED_CURSORS) {
      if (!this.random.chance(NEXT_PAGE)) break;
      await this.reads.feed(userId, cursor);
      await this.#think();
    }
  }

  async #home(userId: string): Promise<FeedPage> {
    const pairs = Array.from({ length: WATCHED_PAIRS }, () => this.#pair());
    const [feed] = await Promise.all([
      this.reads.feed(userId),
      this.reads.portfolio(userId),
      this.reads.leaderboard(),
      ...pairs.map((pair) => this.reads.price(pair)),
    ]);
    return feed;
  }

  async #signals(userId: string, home: FeedPage): Promise<void> {
    let feed = home;
    for (let opened = 0; opened < OPENED_SIGNALS; opened += 1) {
      const item = feed.items[this.#position.draw(this.random)];
      if (item === undefined) continue;
      await Promise.all([
        this.reads.signal(item.signalId),
        this.reads.price(item.assetPair),
        this.reads.stats(item.providerId),
        this.reads.profile(item.providerId),
        this.reads.activeSignals(item.providerId),
      ]);
      if (this.random.chance(COPIES)) await this.#copy(userId, item);
      await this.#think();
      feed = await this.reads.feed(userId);
    }
  }

  async #copy(userId: string, { signalId, assetPair }: FeedItem): Promise<void> {
    const { ask } = await this.reads.price(assetPair);
    await this.writes.trade(userId, { signalId, quantity: 1 + this.random.below(10), price: ask });
    await Promise.all([this.reads.feed(userId), this.reads.portfolio(userId)]);
  }

  async #provider(): Promise<void> {
    const providerId = this.population.providerIds[this.popularity.providers.draw(this.random)]!;
    await Promise.all([
      this.reads.profile(providerId),
      this.reads.stats(providerId),
      this.reads.activeSignals(providerId),
    ]);
    if (this.random.chance(LOOKS_AT_HISTORY)) await this.reads.priceHistory(this.#pair());
  }

  #pair(): string {
    return this.population.assetPairs[this.#pairPopularity.draw(this.random)]!;
  }

  async #think(): Promise<void> {
    await pause(this.random.between(THINKING_MS.least, THINKING_MS.most));
  }
}
