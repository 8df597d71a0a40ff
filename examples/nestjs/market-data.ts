/**
 * Stands for the database and the price feed of the platform: it answers after some milliseconds and counts its queries. What
 * it holds changes with every write, so that a value from the cache can be told from a fresh one.
 */
import { Injectable } from '@nestjs/common';

export interface FeedItem {
  readonly signalId: number;
  readonly providerId: string;
}

export interface Stats {
  readonly providerId: string;
  readonly winRate: number;
  readonly signals: number;
}

export interface Price {
  readonly assetPair: string;
  readonly price: number;
}

const QUERY_MS = 20;
const PAGE = 20;

@Injectable()
export class MarketData {
  queries = 0;
  readonly #signals: FeedItem[] = [];
  readonly #winRates = new Map<string, number>();
  readonly #prices = new Map<string, number>();

  async feed(_userId: string, cursor?: string): Promise<readonly FeedItem[]> {
    const from = Number(cursor ?? 0);
    return this.#answer(() => this.#signals.toReversed().slice(from, from + PAGE));
  }

  async stats(providerId: string): Promise<Stats> {
    return this.#answer(() => ({
      providerId,
      winRate: this.#winRates.get(providerId) ?? 50,
      signals: this.#signals.filter((signal) => signal.providerId === providerId).length,
    }));
  }

  async price(assetPair: string): Promise<Price> {
    return this.#answer(() => ({ assetPair, price: this.#prices.get(assetPair) ?? 100 }));
  }

  async addSignal(providerId: string): Promise<FeedItem> {
    return this.#answer(() => {
      const signal = { signalId: this.#signals.length + 1, providerId };
      this.#signals.push(signal);
      return signal;
    });
  }

  async setWinRate(providerId: string, winRate: number): Promise<Stats> {
    this.#winRates.set(providerId, winRate);
    return this.stats(providerId);
  }

  async setPrice(assetPair: string, price: number): Promise<Price> {
    this.#prices.set(assetPair, price);
    return this.price(assetPair);
  }

  #answer<V>(read: () => V): Promise<V> {
    this.queries += 1;
    return new Promise((resolve) => setTimeout(() => resolve(read()), QUERY_MS));
  }
}
