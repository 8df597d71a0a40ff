/**
 * Notices that the event loop stood still (P31). After a stall, timers and queued callbacks run before sockets are read,
 * so that a cache would serve what it has long been told to forget. The watch reports how recently everything that had
 * arrived was read; it judges nothing. A stall shorter than its limit goes unnoticed, within the staleness bound.
 */
import type { Clock, Timer } from '../contract/clock';
import type { Proofs } from './proofs';

/** Between two looks while L1 is being read. In a busy process such a timer costs little: the loop turns anyway. */
const BRISK_MS = 10;
/** Between two looks in a process that reads nothing: there each one would wake an idle processor. */
const RESTING_MS = 100;
/** How long the last read keeps the pace brisk. */
const BRISK_FOR_MS = 1_000;
/** What a turn of the loop may take, on top of the pace, before it counts as a stall. */
const TOLERANCE_MS = 30;

// Not part of the clock: the order of phases is a fact about the loop, not about time. Captured at load, as a test's
// fake timers would replace it (P42).
const { setImmediate } = globalThis;

export class PollWatch {
  readonly #clock: Clock;
  readonly #proofs: Proofs;
  readonly #usedAt: () => number;
  readonly #startedAt: number;
  #timer: Timer | undefined;

  /** @param usedAt when L1 was last read */
  constructor(clock: Clock, proofs: Proofs, usedAt: () => number) {
    this.#clock = clock;
    this.#proofs = proofs;
    this.#usedAt = usedAt;
    this.#startedAt = clock.now();
    proofs.polled(Number.NEGATIVE_INFINITY, BRISK_MS + TOLERANCE_MS);
    this.#arm(BRISK_MS);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(this.#look, ms);
    this.#timer.unref?.();
  }

  /**
   * Runs in the timers phase. The check phase that follows comes after one whole poll phase, which cannot block while
   * an immediate waits; what had arrived by now has then been read. The time of the look, not that of the check phase,
   * is what this proves: a pause between the two would go unseen otherwise.
   */
  #look = (): void => {
    const at = this.#clock.now();
    const paceMs = at < Math.max(this.#startedAt, this.#usedAt()) + BRISK_FOR_MS ? BRISK_MS : RESTING_MS;
    setImmediate(() => {
      if (this.#timer === undefined) return;
      this.#proofs.polled(at, paceMs + TOLERANCE_MS);
      this.#arm(paceMs);
    });
  };
}
