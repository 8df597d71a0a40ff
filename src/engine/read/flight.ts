/**
 * One read or load of a key that callers share: who waits for its result, and whether anybody still may.
 * `find-or-load.ts` is its way to a value, `flights.ts` decides who joins.
 */
import type { Lease } from '../../contract/l2';
import { newToken } from '../../contract/tokens';
import type { EngineContext } from '../runtime/context';
import type { Snapshot } from '../validity/snapshots';
import type { FlightResult } from './flight-result';

export class Flight<V> {
  /** True once nobody joins it or waits for it any more. The caller who began it still gets its result. */
  abandoned = false;
  /** The lease at its key that it holds while it loads. */
  lease: Lease | undefined;
  #token: string | undefined;
  #joined: Promise<FlightResult<V>> | undefined;
  #settle: (result: FlightResult<V>) => void = ignore;

  constructor(readonly key: string) {}

  /** Whether somebody besides the caller who began it waits for its result. */
  get shared(): boolean {
    return this.#joined !== undefined;
  }

  /** Its result, for those who join. The promise is made for the first of them: most flights end alone. */
  join(): Promise<FlightResult<V>> {
    this.#joined ??= new Promise((resolve) => {
      this.#settle = resolve;
    });
    return this.#joined;
  }

  /** Tells those who joined. */
  end(result: FlightResult<V>): void {
    this.#settle(result);
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
    this.end({ kind: 'abandoned' });
    if (this.lease === undefined) return;
    background.run('release the lease of an abandoned load', l2.release(this.key, this.lease));
  }
}

function ignore(): void {}
