/**
 * Invalidations that L2 has not acknowledged yet (P38): one per name, kept until delivered. They are sent again after
 * each return of L2, and at growing intervals. While a name is here, nobody in this process may read it from L2.
 * A server may answer reads and refuse writes, so each node is sent one name first, and the others once it accepts that.
 */
import type { Clock, Timer } from '../contract/clock';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;
/** Names that are sent at a time. */
const BATCH = 256;

interface Item {
  /** Changes with each `add`: a delivery that was sent before the newest one does not settle it. */
  generation: number;
  /** Called when the name is delivered. */
  readonly waiters: Set<() => void>;
}

export interface OutboxOptions {
  /** For each name whether its invalidation is acknowledged. Never rejects. */
  readonly send: (names: readonly string[]) => Promise<readonly boolean[]>;
  /** Identifies the node that has this name: one node may refuse what the others accept. */
  readonly nodeOf: (name: string) => string | undefined;
  /** Memory is bounded: beyond so many names, `instead` is queued, which invalidates everything. */
  readonly limit: number;
  readonly instead: string;
}

export class Outbox {
  readonly #items = new Map<string, Item>();
  /** Since when a node has accepted nothing of what is here. */
  readonly #refusedSince = new Map<string | undefined, number>();
  /** Each ends one call of `waitFor`. */
  readonly #waits = new Set<(delivered: boolean) => void>();
  readonly #clock: Clock;
  readonly #options: OutboxOptions;
  #retryMs = FIRST_RETRY_MS;
  #replays = 0;
  #timer: Timer | undefined;
  #dueAt = 0;
  #replaying: Promise<void> | undefined;
  #nextReplay: Promise<void> | undefined;
  #closed = false;

  constructor(clock: Clock, options: OutboxOptions) {
    this.#clock = clock;
    this.#options = options;
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
    const { limit, instead, nodeOf } = this.#options;
    const isFull = this.#items.size >= limit && !this.#items.has(name);
    const queued = isFull ? instead : name;
    const item = this.#items.get(queued);
    if (item === undefined) this.#items.set(queued, { generation: 0, waiters: new Set() });
    else item.generation += 1;
    const node = nodeOf(queued);
    if (!this.#refusedSince.has(node)) this.#refusedSince.set(node, this.#clock.now());
    if (item === undefined) this.#retrySoon();
  }

  /** The node of this name has accepted an invalidation: what it refused before is worth another attempt. */
  accepted(name: string): void {
    if (this.#items.size > 0 && this.#refusedSince.has(this.#options.nodeOf(name))) this.#retrySoon();
  }

  /**
   * True once all of `names` are delivered. False if `withinMs` pass before, at once if a node of theirs has accepted
   * nothing for longer than that, and after `close`.
   */
  waitFor(names: readonly string[], withinMs: number): Promise<boolean> {
    const { instead, nodeOf } = this.#options;
    // A name that found the queue full waits for what stands in for it.
    const standIn = this.#items.get(instead);
    const items = new Set(
      names.map((name) => this.#items.get(name) ?? standIn).filter((item) => item !== undefined),
    );
    if (items.size === 0) return Promise.resolve(true);
    const now = this.#clock.now();
    const isRefused = (name: string): boolean =>
      now - (this.#refusedSince.get(nodeOf(name)) ?? now) > withinMs;
    if (this.#closed || names.some(isRefused)) return Promise.resolve(false);
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

  /** Sends what is here now. At most one replay runs at a time; one that runs may have found the caller's node away. */
  replay(): Promise<void> {
    this.#stopTimer();
    if (this.#replaying !== undefined) {
      this.#nextReplay ??= this.#replaying.then(() => {
        this.#nextReplay = undefined;
        return this.replay();
      });
      return this.#nextReplay;
    }
    this.#replaying = this.#replay().finally(() => {
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
    const byNode = new Map<string | undefined, string[]>();
    for (const name of this.#items.keys()) {
      const node = this.#options.nodeOf(name);
      const names = byNode.get(node);
      if (names === undefined) byNode.set(node, [name]);
      else names.push(name);
    }
    const ends = await Promise.all([...byNode].map(([node, names]) => this.#replayNode(node, names)));
    this.#replays += 1;
    this.#retryMs = ends.every(Boolean) ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** Another name is first each time: one that is refused for good must not keep the others. */
  async #replayNode(node: string | undefined, names: readonly string[]): Promise<boolean> {
    const first = names[this.#replays % names.length]!;
    if ((await this.#deliver([first])) === 0) return false;
    this.#refusedSince.delete(node);
    const others = names.filter((name) => name !== first);
    let delivered = 0;
    for (let at = 0; at < others.length; at += BATCH) {
      const accepted = await this.#deliver(others.slice(at, at + BATCH));
      if (accepted === 0) return false;
      delivered += accepted;
    }
    return delivered === others.length;
  }

  /** The number of names that were delivered. */
  async #deliver(names: readonly string[]): Promise<number> {
    const sent = names.map((name) => ({ name, generation: this.#items.get(name)?.generation }));
    const delivered = await this.#options.send(names);
    for (const [index, { name, generation }] of sent.entries()) {
      const item = this.#items.get(name);
      if (!delivered[index] || item === undefined || item.generation !== generation) continue;
      this.#items.delete(name);
      for (const waiter of item.waiters) waiter();
    }
    return delivered.filter(Boolean).length;
  }

  #stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #retrySoon(): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#timer !== undefined && this.#dueAt > this.#clock.now() + FIRST_RETRY_MS) this.#stopTimer();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#items.size === 0 || this.#replaying) return;
    this.#dueAt = this.#clock.now() + this.#retryMs;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      void this.replay();
    }, this.#retryMs);
    this.#timer.unref?.();
  }
}
