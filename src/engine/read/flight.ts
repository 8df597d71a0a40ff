/**
 * One read or load of a key that callers share: who waits for its result, and whether anybody still may.
 * `find-or-load.ts` is its way to a value, `flights.ts` decides who joins.
 */
import type { Clock, Timer } from '../../contract/clock';
import type { Lease } from '../../contract/l2';
import { newToken } from '../../contract/tokens';
import type { EngineContext } from '../runtime/context';
import type { Snapshot } from '../validity/snapshots';
import type { FlightResult } from './flight-result';

export class Flight<V> {
  /** True once nobody joins it or waits for it any more. The caller who began it still gets its result. */
  abandoned = false;
  /** On the local clock. */
  startedAt = 0;
  /** Settles when the command that takes its lease was answered. */
  leasing: Promise<unknown> | undefined;
  /** The lease at its key that it holds while it loads. */
  lease: Lease | undefined;
  /** On the local clock: until then somebody waits for its result. */
  awaitedUntil = Number.POSITIVE_INFINITY;
  #aborter: AbortController | undefined;
  #watch: Timer | undefined;
  #token: string | undefined;
  /** Whether somebody besides the caller who began it has waited for its result. */
  shared = false;
  #told: Promise<FlightResult<V>> | undefined;
  #tell: (result: FlightResult<V>) => void = ignore;

  constructor(readonly key: string) {}

  /**
   * The next result that those who join are told: its own, or that of another flight of the key that ends earlier.
   * The promise is made for the first of them: most flights end alone.
   */
  join(): Promise<FlightResult<V>> {
    this.shared = true;
    this.#told ??= new Promise((resolve) => {
      this.#tell = resolve;
    });
    return this.#told;
  }

  /** @param hardMs how long the call waits from `startedAt` on; undefined: to the end */
  awaitFrom(startedAt: number, hardMs: number | undefined): void {
    this.awaitedUntil =
      hardMs === undefined ? Number.POSITIVE_INFINITY : Math.max(this.awaitedUntil, startedAt + hardMs);
  }

  /** Aborts once nobody waits for the result, or is to. */
  signal({ clock }: EngineContext): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.abandoned) this.#aborter.abort();
      else this.#watchWaiting(clock);
    }
    return this.#aborter.signal;
  }

  /** Looks again when the last caller of now has left: others may have joined meanwhile. */
  #watchWaiting(clock: Clock): void {
    const leftMs = this.awaitedUntil - clock.now();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    if (leftMs <= 0) this.#aborter?.abort();
    else {
      this.#watch = clock.setTimeout(() => this.#watchWaiting(clock), leftMs);
      this.#watch.unref?.();
    }
  }

  /** Nothing is loaded any more. */
  end({ clock }: EngineContext): void {
    if (this.#watch !== undefined) clock.clearTimeout(this.#watch);
  }

  tell(result: FlightResult<V>): void {
    this.#tell(result);
    this.#told = undefined;
  }

  /** One token serves the whole flight. Most flights end before they need one. */
  leaseUnder({ generations }: Snapshot): Lease {
    this.#token ??= newToken();
    return { token: this.#token, generations };
  }

  /** Those who joined go on without it, its lease is free for others, and what it loads is not stored. */
  abandon({ l2, background }: EngineContext): void {
    if (this.abandoned) return;
    this.abandoned = true;
    this.tell({ kind: 'abandoned' });
    this.#aborter?.abort();
    if (this.lease === undefined) return;
    background.run('release the lease of an abandoned load', l2.release(this.key, this.lease));
  }
}

function ignore(): void {}
