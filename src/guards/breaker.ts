/**
 * The circuit breaker of one node (P37): after three failures in a row nothing is asked of the node for a while, so that
 * nobody waits for deadlines that will be missed. The caller decides what counts as a failure, and what a probe is;
 * this file decides when the next one goes out, and that nothing else does before it has ended well.
 */
import type { Clock, Timer } from '../contract/clock';

/** `since`: on the local clock, when the node was last taken to be well. It outlives probes that fail. */
export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly since: number }
  | { readonly kind: 'half-open'; readonly since: number };

export interface BreakerOptions {
  /** Sends what proves that the node is well, and resolves to whether it is; never rejects. */
  readonly probe: () => Promise<boolean>;
  readonly onChange: (state: BreakerState) => void;
}

const FAILURES = 3;
const FIRST_OPEN_MS = 50;
const LAST_OPEN_MS = 400;

const CLOSED: BreakerState = { kind: 'closed' };

export class Breaker {
  readonly #clock: Clock;
  readonly #options: BreakerOptions;
  #state: BreakerState = CLOSED;
  #failures = 0;
  #openMs = FIRST_OPEN_MS;
  #timer: Timer | undefined;

  constructor(clock: Clock, options: BreakerOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Milliseconds since the node was last well; 0 while it is. */
  awayMs(): number {
    return this.#state.kind === 'closed' ? 0 : this.#clock.now() - this.#state.since;
  }

  /** The node has answered. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** The node has not answered in time, or is in no state to serve. */
  failed(): void {
    if (this.#state.kind === 'half-open') this.#open();
    else if (this.#state.kind === 'closed') {
      this.#failures += 1;
      if (this.#failures >= FAILURES) this.#open();
    }
  }

  /** There is no connection: open until whoever makes connections calls `attempt`. */
  trip(): void {
    this.#stopTimer();
    if (this.#state.kind !== 'open') this.#become({ kind: 'open', since: this.#since });
  }

  /** Probes now; closes if nothing has failed by the end of the probe. */
  async attempt(probe = this.#options.probe): Promise<void> {
    this.#stopTimer();
    const halfOpen: BreakerState = { kind: 'half-open', since: this.#since };
    this.#become(halfOpen);
    const isWell = await probe();
    // Something else has failed meanwhile, or the connection is gone: that has decided already.
    if (this.#state !== halfOpen) return;
    if (!isWell) {
      this.#open();
      return;
    }
    this.#failures = 0;
    this.#openMs = FIRST_OPEN_MS;
    this.#become(CLOSED);
  }

  /** No further probe goes out. */
  close(): void {
    this.#stopTimer();
  }

  get #since(): number {
    return this.#state.kind === 'closed' ? this.#clock.now() : this.#state.since;
  }

  #open(): void {
    const ms = this.#openMs;
    this.#openMs = Math.min(ms * 2, LAST_OPEN_MS);
    this.#timer = this.#clock.setTimeout(() => void this.attempt(), ms);
    this.#timer.unref?.();
    this.#become({ kind: 'open', since: this.#since });
  }

  #stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#options.onChange(state);
  }
}
