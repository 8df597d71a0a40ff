/**
 * What operators have changed through these endpoints: a ring of its own, which the invalidations of the application do
 * not flush.
 */

export interface OperatorChange {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** The label that `authorize` returned; `token` for a request with the token. */
  readonly actor: string;
  readonly action: 'invalidate' | 'clear';
  /** The event, or keys, patterns and tags. They may hold ids. */
  readonly what: readonly string[];
  readonly reason: string | null;
  readonly acknowledged: boolean;
}

const KEPT = 200;

export class OperatorLog {
  readonly #changes: OperatorChange[] = [];

  record(change: OperatorChange): void {
    this.#changes.push(change);
    if (this.#changes.length > KEPT) this.#changes.shift();
  }

  /** Oldest first. */
  get changes(): readonly OperatorChange[] {
    return this.#changes;
  }
}
