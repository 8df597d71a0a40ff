/**
 * Invalidations that L2 has not acknowledged yet (P38): one per name, kept until delivered, replayed after each return
 * of L2 and at intervals while it answers. While a name is here, nobody in this process may read it from L2.
 * This file decides when to send again; what sending means is the caller's.
 */
import type { Clock, Timer } from '../contract/clock';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 400;

interface Item {
  /** Changes with each `add`: a delivery that was sent before the newest one does not settle it. */
  generation: number;
  waiters: (() => void)[];
}

export class Undelivered {
  readonly #items = new Map<string, Item>();
  readonly #send: (name: string) => Promise<boolean>;
  readonly #clock: Clock;
  #retryMs = FIRST_RETRY_MS;
  #timer: Timer | undefined;
  #replaying: Promise<void> | undefined;
  #closed = false;

  /** `send` resolves to true once the name's invalidation is acknowledged, and never rejects. */
  constructor(clock: Clock, send: (name: string) => Promise<boolean>) {
    this.#clock = clock;
    this.#send = send;
  }

  get size(): number {
    return this.#items.size;
  }

  has(name: string): boolean {
    return this.#items.size > 0 && this.#items.has(name);
  }

  add(name: string): void {
    const item = this.#items.get(name);
    if (item === undefined) this.#items.set(name, { generation: 0, waiters: [] });
    else item.generation += 1;
    this.#schedule();
  }

  /** True once all of `names` are delivered, false when `withinMs` have passed before. */
  waitFor(names: readonly string[], withinMs: number): Promise<boolean> {
    const items = names.map((name) => this.#items.get(name)).filter((item) => item !== undefined);
    let missing = items.length;
    if (missing === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(false), withinMs);
      const delivered = (): void => {
        missing -= 1;
        if (missing > 0) return;
        this.#clock.clearTimeout(timer);
        resolve(true);
      };
      for (const item of items) item.waiters.push(delivered);
    });
  }

  /** Send everything that is here now; at most one replay runs at a time. */
  replay(): Promise<void> {
    this.#replaying ??= this.#replay().finally(() => {
      this.#replaying = undefined;
      this.#schedule();
    });
    return this.#replaying;
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #replay(): Promise<void> {
    const sent = [...this.#items].map(async ([name, item]) => {
      const { generation } = item;
      const delivered = await this.#send(name);
      if (!delivered || item.generation !== generation) return;
      this.#items.delete(name);
      for (const waiter of item.waiters) waiter();
    });
    await Promise.all(sent);
    this.#retryMs = this.#items.size === 0 ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#items.size === 0 || this.#replaying) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      void this.replay();
    }, this.#retryMs);
    this.#timer.unref?.();
  }
}
