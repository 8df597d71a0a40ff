/**
 * Changes the platform as others than its visitors do: providers publish and close signals, the market moves prices, and a
 * desk rates providers. Each works at its own pace and waits for one write before the next.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Population } from '../database/data-set';
import { type Random, Zipf } from './random';
import type { Reads } from './reads';
import type { Writes } from './writes';

/** Mean pause between two writes of a desk, in ms. */
const PACE_MS = { publish: 1_000, close: 400, price: 40, rate: 250, describe: 900 } as const;

export class Desks {
  readonly #open: string[];
  readonly #activity: Zipf;

  constructor(
    private readonly population: Population,
    private readonly reads: Reads,
    private readonly writes: Writes,
    private readonly random: Random,
    private readonly stop: AbortSignal,
  ) {
    this.#open = [...population.openSignalIds];
    this.#activity = new Zipf(population.providerIds.length, 0.5);
  }

  /** Resolves when the run was stopped and the last write has returned. */
  async work(): Promise<void> {
    await Promise.all([
      this.#desk('publish', (random) => this.#publish(random)),
      this.#desk('close', (random) => this.#close(random)),
      this.#desk('price', (random) => this.#price(random)),
      this.#desk('rate', (random) => this.#rate(random)),
      this.#desk('describe', (random) => this.#describe(random)),
    ]);
  }

  async #desk(name: keyof typeof PACE_MS, write: (random: Random) => Promise<void>): Promise<void> {
    const random = this.random.fork(`${name} desk`);
    while (await this.#turnCame(PACE_MS[name] * random.between(0.5, 1.5))) await write(random);
  }

  /** False once the run is stopped. */
  async #turnCame(ms: number): Promise<boolean> {
    await pause(ms, undefined, { signal: this.stop }).catch(() => {});
    return !this.stop.aborted;
  }

  async #publish(random: Random): Promise<void> {
    const { id } = await this.writes.publish({
      providerId: this.#provider(random),
      assetPair: random.pick(this.population.assetPairs),
      direction: random.pick(['long', 'short'] as const),
      entryPrice: cents(random.between(1, 1_000)),
    });
    this.#open.push(id);
  }

  async #close(random: Random): Promise<void> {
    const [id] = this.#open.splice(random.below(this.#open.length), 1);
    if (id === undefined) return;
    // Its provider looks at it before and after: visitors open few of these signals, and would miss a stale one.
    await this.reads.signal(id);
    await this.writes.close(id, cents(random.between(1, 1_000)));
    await this.reads.signal(id);
  }

  async #price(random: Random): Promise<void> {
    const bid = cents(random.between(1, 1_000));
    await this.writes.price(random.pick(this.population.assetPairs), { bid, ask: cents(bid * 1.001) });
  }

  async #rate(random: Random): Promise<void> {
    const rating = { subscribers: random.below(5_000), riskScore: 1 + random.below(10) };
    await this.writes.rate(this.#provider(random), rating);
  }

  async #describe(random: Random): Promise<void> {
    await this.writes.describe(this.#provider(random), `Changed strategy ${random.below(1_000)} times.`);
  }

  #provider(random: Random): string {
    return this.population.providerIds[this.#activity.draw(random)]!;
  }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
