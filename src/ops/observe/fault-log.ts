/**
 * The faults of one cache that calls have survived, for `health()` and `report()`: the events `error`, counted by kind. It
 * keeps no keys, values or messages, which people who may not see ids could otherwise read.
 */
import type { Clock } from '../../contract/clock';
import { TiercelError } from '../../contract/errors';
import type { CacheEvents } from '../../contract/events';
import type { Fault } from '../../contract/report';

/** Kinds of faults that are kept; the one that occurred longest ago makes room. */
const MAX_KINDS = 20;

export class FaultLog {
  readonly #clock: Clock;
  readonly #faults = new Map<string, Fault>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record = ({ operation, method, error }: CacheEvents['error']): void => {
    const code = codeOf(error);
    const kind = JSON.stringify([operation, method, code]);
    const count = (this.#faults.get(kind)?.count ?? 0) + 1;
    // Deleted first, so that the order is that of the last occurrences.
    this.#faults.delete(kind);
    this.#faults.set(kind, { operation, method: method ?? null, code, count, at: this.#clock.wall() });
    if (this.#faults.size > MAX_KINDS) this.#faults.delete(this.#faults.keys().next().value!);
  };

  /** The latest first. */
  get recent(): readonly Fault[] {
    return [...this.#faults.values()].reverse();
  }
}

function codeOf(error: unknown): string {
  if (error instanceof TiercelError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
