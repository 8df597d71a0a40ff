/**
 * The L2 of a cache without Redis: every key is absent, every lease is granted, every fill is stored nowhere and
 * succeeds. The engine runs the same code over it, and its local fences alone decide what may be kept (P39).
 */
import type { Clock } from '../contract/clock';
import type { Order } from '../contract/order';
import type {
  Claim,
  MarkerTier,
  Observation,
  PutBegin,
  RemoteState,
  RemoteTier,
  Verdict,
} from '../contract/stores';
import { newToken } from './tokens';

export class AbsentTier implements RemoteTier {
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

  async read(): Promise<Observation> {
    return { kind: 'absent', sentAt: this.#order.next() };
  }

  async claim(): Promise<Claim> {
    return { kind: 'claimed', sentAt: this.#order.next() };
  }

  replace(): Promise<Claim> {
    return this.claim();
  }

  fill(): Promise<Verdict> {
    return this.#done();
  }

  confirm(): Promise<Verdict> {
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

  renewPut(): Promise<Verdict> {
    return this.#done();
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

/** Markers of a cache without Redis: made when they are asked for, and remembered by who asked. */
export class AbsentMarkers implements MarkerTier {
  readonly #order: Order;

  constructor(order: Order) {
    this.#order = order;
  }

  async readMarker(): Promise<string> {
    return newToken();
  }

  async removeMarker(): Promise<Verdict> {
    return { result: 'done', sentAt: this.#order.next() };
  }

  async extendMarker(): Promise<Verdict> {
    return { result: 'done', sentAt: this.#order.next() };
  }

  async touch(): Promise<void> {}

  async patterns(_name: string, added: readonly string[]): Promise<readonly string[]> {
    return added;
  }

  async sweep(): Promise<{ readonly removed: number; readonly complete: boolean }> {
    return { removed: 0, complete: true };
  }
}
