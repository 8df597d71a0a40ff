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
  /** Called when the name is delivered. */
  readonly waiters: Set<() => void>;
}

/** Memory is bounded: beyond `limit` names, the one that invalidates everything is queued instead. */
export interface Bound {
  readonly limit: number;
  readonly instead: string;
}

export class Outbox {
  readonly #items = new Map<string, Item>();
  /** Each ends one call of `waitFor`. */
  readonly #waits = new Set<(delivered: boolean) => void>();
  readonly #send: (name: string) => Promise<boolean>;
  readonly #clock: Clock;
  #retryMs = FIRST_RETRY_MS;
  #timer: Timer | undefined;
  #replaying: Promise<void> | undefined;
  #closed = false;

  readonly #bound: Bound;

  /** `send` resolves to true once the name's invalidation is acknowledged, and never rejects. */
  constructor(clock: Clock, send: (name: string) => Promise<boolean>, bound: Bound) {
    this.#clock = clock;
    this.#send = send;
    this.#bound = bound;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Calls that wait for a delivery now. */
  get waiting(): number {
    return this.#waits.size;
  }

  has(name: string): boolean {
    return this.#items.size > 0 && this.#items.has(name);
  }

  add(name: string): void {
    const isFull = this.#items.size >= this.#bound.limit && !this.#items.has(name);
    const queued = isFull ? this.#bound.instead : name;
    const item = this.#items.get(queued);
    if (item === undefined) this.#items.set(queued, { generation: 0, waiters: new Set() });
    else item.generation += 1;
    this.#schedule();
  }

  /** True once all of `names` are delivered; false when `withinMs` have passed before, or after `close`. */
  waitFor(names: readonly string[], withinMs: number): Promise<boolean> {
    // A name that found the queue full waits for what stands in for it.
    const instead = this.#items.get(this.#bound.instead);
    const items = new Set(
      names.map((name) => this.#items.get(name) ?? instead).filter((item) => item !== undefined),
    );
    if (items.size === 0) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      let missing = items.size;
      const delivered = (): void => {
        missing -= 1;
        if (missing === 0) end(true);
      };
      const end = (result: boolean): void => {
        this.#clock.clearTimeout(timer);
        this.#waits.delete(end);
        for (const { waiters } of items) waiters.delete(delivered);
        resolve(result);
      };
      const timer = this.#clock.setTimeout(() => end(false), withinMs);
      this.#waits.add(end);
      for (const { waiters } of items) waiters.add(delivered);
    });
  }

  /** Send everything that is here now; at most one replay runs at a time. */
  replay(): Promise<void> {
    this.#stopTimer();
    this.#replaying ??= this.#replay().finally(() => {
      this.#replaying = undefined;
      this.#schedule();
    });
    return this.#replaying;
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    for (const end of [...this.#waits]) end(false);
  }

  async #replay(): Promise<void> {
    const sent = [...this.#items].map(async ([name, item]) => {
      const { generation } = item;
      const delivered = await this.#send(name);
      if (delivered && item.generation === generation) {
        this.#items.delete(name);
        for (const waiter of item.waiters) waiter();
      }
      return delivered;
    });
    const answers = (await Promise.all(sent)).every(Boolean);
    this.#retryMs = answers ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
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
