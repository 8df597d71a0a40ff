/**
 * The L2 of a cache without Redis: every key is absent, every lease is granted, every fill is stored nowhere and
 * succeeds. The engine runs the same code over it, and its local fences alone decide what may be kept (P39).
 */
import type { Clock } from '../contract/clock';
import type {
  LeaseAttempt,
  NodeBreaker,
  Observation,
  PutBegin,
  RemoteState,
  StubPlacement,
  Verdict,
} from '../contract/l2';
import type { Order } from '../contract/order';
import { newToken } from '../contract/tokens';

export class AbsentTier {
  readonly present = false;
  readonly state: RemoteState = { kind: 'none' };
  readonly #order: Order;
  readonly #clock: Clock;

  constructor(order: Order, clock: Clock) {
    this.#order = order;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  onReturn(): void {}

  get breakers(): readonly NodeBreaker[] {
    return [];
  }

  awayMs(): number {
    return 0;
  }

  async read(): Promise<Observation> {
    return { kind: 'absent', sentAt: this.#order.next() };
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

  fill(): Promise<Verdict> {
    return this.#done();
  }

  refresh(): Promise<Verdict> {
    return this.#done();
  }

  stubStands(): Promise<Verdict> {
    return this.#done();
  }

  release(): Promise<Verdict> {
    return this.#done();
  }

  renew(): Promise<Verdict> {
    return this.#done();
  }

  invalidate(): Promise<Verdict> {
    return this.#done();
  }

  set(): Promise<Verdict> {
    return this.#done();
  }

  async beginPut(): Promise<PutBegin> {
    return { kind: 'write-lease' };
  }

  commitPut(): Promise<Verdict> {
    return this.#done();
  }

  withdrawPut(): Promise<Verdict> {
    return this.#done();
  }

  async settled(): Promise<void> {}

  onState(): void {}

  async close(): Promise<void> {}

  async #done(): Promise<Verdict> {
    return { result: 'done', sentAt: this.#order.next() };
  }
}

/** Beyond this all generation keys are forgotten, which invalidates everything once and keeps memory bounded. */
const MAX_MARKERS = 100_000;

/** Generation keys of a cache without Redis. */
export class AbsentGenerationKeys {
  readonly #order: Order;
  readonly #generations = new Map<string, string>();

  constructor(order: Order) {
    this.#order = order;
  }

  homeOf(): undefined {
    return undefined;
  }

  async readGeneration(name: string): Promise<string> {
    let token = this.#generations.get(name);
    if (token === undefined) {
      if (this.#generations.size >= MAX_MARKERS) this.#generations.clear();
      token = newToken();
      this.#generations.set(name, token);
    }
    return token;
  }

  async peekGeneration(name: string): Promise<string | undefined> {
    return this.#generations.get(name);
  }

  async removeGeneration(name: string): Promise<Verdict> {
    this.#generations.delete(name);
    return { result: 'done', sentAt: this.#order.next() };
  }

  async extendGeneration(): Promise<Verdict> {
    return { result: 'done', sentAt: this.#order.next() };
  }

  /** Within one process nobody else competes. */
  async lock(): Promise<boolean> {
    return true;
  }

  async holdLock(): Promise<void> {}

  async touch(): Promise<void> {}

  async patterns(_name: string, added: readonly string[]): Promise<readonly string[]> {
    return added;
  }

  async purge(): Promise<void> {}

  async sweep(): Promise<{ readonly removed: number; readonly complete: boolean }> {
    return { removed: 0, complete: true };
  }
}

/**
 * Write leases of a cache without Redis: nobody else could store anything, and this process voids what it loads itself.
 * At the end a generation key's token is another one, as everywhere.
 */
export class AbsentWriteLeases {
  readonly #generationKeys: AbsentGenerationKeys;

  constructor(generationKeys: AbsentGenerationKeys) {
    this.#generationKeys = generationKeys;
  }

  beginWrite(name: string): Promise<Verdict> {
    return this.#generationKeys.removeGeneration(name);
  }

  renewWrite(): Promise<Verdict> {
    return this.#generationKeys.extendGeneration();
  }

  endWrite(name: string): Promise<Verdict> {
    return this.#generationKeys.removeGeneration(name);
  }
}
