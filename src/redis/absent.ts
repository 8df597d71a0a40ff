/**
 * The L2 of a cache without Redis: every key is absent, every lease is granted, every fill is stored nowhere and
 * succeeds. The engine runs the same code over it, and its local fences alone decide what may be kept (P39).
 */
import type { Clock } from '../contract/clock';
import type {
  Claim,
  MarkerTier,
  NodeBreaker,
  Observation,
  Planting,
  PutBegin,
  RemoteState,
  RemoteTier,
  Verdict,
  WriteLeases,
} from '../contract/l2';
import type { Order } from '../contract/order';
import { newToken } from '../contract/tokens';

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

  async claim(): Promise<Claim> {
    return { kind: 'claimed', sentAt: this.#order.next() };
  }

  replace(): Promise<Claim> {
    return this.claim();
  }

  async plant(): Promise<Planting> {
    return { kind: 'planted', mark: { prefix: '', length: undefined } };
  }

  fill(): Promise<Verdict> {
    return this.#done();
  }

  refresh(): Promise<Verdict> {
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

/** Beyond this all markers are forgotten, which invalidates everything once and keeps memory bounded. */
const MAX_MARKERS = 100_000;

/** Markers of a cache without Redis. */
export class AbsentMarkers implements MarkerTier {
  readonly #order: Order;
  readonly #tokens = new Map<string, string>();

  constructor(order: Order) {
    this.#order = order;
  }

  homeOf(): undefined {
    return undefined;
  }

  async readMarker(name: string): Promise<string> {
    let token = this.#tokens.get(name);
    if (token === undefined) {
      if (this.#tokens.size >= MAX_MARKERS) this.#tokens.clear();
      token = newToken();
      this.#tokens.set(name, token);
    }
    return token;
  }

  async peekMarker(name: string): Promise<string | undefined> {
    return this.#tokens.get(name);
  }

  async removeMarker(name: string): Promise<Verdict> {
    this.#tokens.delete(name);
    return { result: 'done', sentAt: this.#order.next() };
  }

  async extendMarker(): Promise<Verdict> {
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
 * At the end a marker's token is another one, as everywhere.
 */
export class AbsentWriteLeases implements WriteLeases {
  readonly #markers: MarkerTier;

  constructor(markers: MarkerTier) {
    this.#markers = markers;
  }

  begin(name: string): Promise<Verdict> {
    return this.#markers.removeMarker(name);
  }

  renew(name: string): Promise<Verdict> {
    return this.#markers.extendMarker(name, 0);
  }

  end(name: string): Promise<Verdict> {
    return this.#markers.removeMarker(name);
  }
}
