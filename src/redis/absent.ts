/**
 * The L2 of a cache without Redis: every key is absent, every lease is granted, every fill is stored nowhere and
 * succeeds. The engine runs the same code over it, and its local fences alone decide what may be kept (P39).
 */
import type { Clock } from '../contract/clock';
import type {
  Generations,
  L2,
  L2Status,
  LeaseAttempt,
  PutBegin,
  ReadTold,
  StubPlacement,
  Verdict,
} from '../contract/l2';
import type { Order } from '../contract/order';
import { newToken } from '../contract/tokens';

export class AbsentL2 implements L2 {
  readonly present = false;
  readonly status = new AbsentStatus();
  readonly generations: AbsentGenerations;
  readonly #order: Order;
  readonly #clock: Clock;

  constructor(order: Order, clock: Clock) {
    this.#order = order;
    this.#clock = clock;
    this.generations = new AbsentGenerations(order);
  }

  now(): number {
    return this.#clock.now();
  }

  homeOf(): undefined {
    return undefined;
  }

  read(_key: string, _beside: readonly string[], told: ReadTold): void {
    told({ kind: 'absent', sentAt: this.#order.next() }, []);
  }

  canLeaseFirst(): 'no' {
    return 'no';
  }

  leaseFirst(): Promise<LeaseAttempt> {
    return this.acquireLease();
  }

  async acquireLease(): Promise<LeaseAttempt> {
    return { kind: 'acquired', sentAt: this.#order.next() };
  }

  takeOver(): Promise<LeaseAttempt> {
    return this.acquireLease();
  }

  async placeStub(): Promise<StubPlacement> {
    return { kind: 'placed', witness: { prefix: '', length: undefined } };
  }

  stubStands(): Promise<Verdict> {
    return done(this.#order);
  }

  fill(): Promise<Verdict> {
    return done(this.#order);
  }

  refresh(): Promise<Verdict> {
    return done(this.#order);
  }

  release(): Promise<Verdict> {
    return done(this.#order);
  }

  renew(): Promise<Verdict> {
    return done(this.#order);
  }

  invalidate(): Promise<Verdict> {
    return done(this.#order);
  }

  set(): Verdict {
    return { result: 'done', sentAt: this.#order.next() };
  }

  async beginPut(): Promise<PutBegin> {
    return { kind: 'write-lease' };
  }

  commitPut(): Promise<Verdict> {
    return done(this.#order);
  }

  withdrawPut(): Promise<Verdict> {
    return done(this.#order);
  }

  /**
   * A write lease keeps others from storing. Nobody else can, and this process voids what it loads itself. What remains
   * is that the generation is another one afterwards.
   */
  beginWrite(name: string): Promise<Verdict> {
    return this.generations.remove(name);
  }

  renewWrite(): Promise<Verdict> {
    return done(this.#order);
  }

  endWrite(name: string): Promise<Verdict> {
    return this.generations.remove(name);
  }

  /** Within one process nobody else competes. */
  async lock(): Promise<boolean> {
    return true;
  }

  async holdLock(): Promise<void> {}

  async sweep(): Promise<{ readonly removed: number; readonly complete: boolean }> {
    return { removed: 0, complete: true };
  }

  async purge(): Promise<void> {}

  async close(): Promise<void> {}
}

/** Beyond this all generations are forgotten, which invalidates everything once and keeps memory bounded. */
const MAX_GENERATIONS = 100_000;

class AbsentGenerations implements Generations {
  readonly #order: Order;
  readonly #generations = new Map<string, string>();

  constructor(order: Order) {
    this.#order = order;
  }

  async read(name: string): Promise<string> {
    let generation = this.#generations.get(name);
    if (generation === undefined) {
      if (this.#generations.size >= MAX_GENERATIONS) this.#generations.clear();
      generation = newToken();
      this.#generations.set(name, generation);
    }
    return generation;
  }

  async peek(name: string): Promise<string | undefined> {
    return this.#generations.get(name);
  }

  remove(name: string): Promise<Verdict> {
    this.#generations.delete(name);
    return done(this.#order);
  }

  extend(): Promise<Verdict> {
    return done(this.#order);
  }

  async touch(): Promise<void> {}

  async patterns(_name: string, added: readonly string[]): Promise<readonly string[]> {
    return added;
  }
}

class AbsentStatus implements L2Status {
  readonly state = { kind: 'none' } as const;
  readonly breakers = [];

  awayMs(): number {
    return 0;
  }

  async settled(): Promise<void> {}

  onState(): void {}

  onReturn(): void {}
}

async function done(order: Order): Promise<Verdict> {
  return { result: 'done', sentAt: order.next() };
}
