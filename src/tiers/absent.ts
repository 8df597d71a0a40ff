/**
 * The L2 of a cache without Redis: every key is absent, every lease is granted, every fill is stored nowhere and
 * succeeds. The engine runs the same code over it, and its local fences alone decide what may be kept (P39).
 */
import type { Clock } from '../contract/clock';
import type { Order } from '../contract/order';
import type { Claim, Observation, PutBegin, RemoteState, RemoteTier, Verdict } from '../contract/stores';

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
