/**
 * Removing keys (P21): dropped and fenced here before the command is sent and again after its reply; what L2 does not
 * acknowledge is queued and delivered later (P38), and until then this process does not read those keys from L2.
 */
import type { EngineContext } from './context';

export interface Acknowledgement {
  /** True when L2 has confirmed; false: it could not be reached in time, and the invalidation stays queued. */
  readonly acknowledged: boolean;
}

export class Invalidation {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Waits for L2's acknowledgement, at most for the invalidation budget. Never rejects. */
  async keys(keys: readonly string[]): Promise<Acknowledgement> {
    if (keys.length === 0) return { acknowledged: true };
    const { undelivered, times, emit } = this.#context;
    const delivered = await Promise.all(keys.map((key) => this.#key(key)));
    const missing = keys.filter((_, index) => !delivered[index]);
    if (missing.length === 0) return { acknowledged: true };
    const acknowledged = await undelivered.waitFor(missing, times.invalidationBudgetMs);
    if (!acknowledged) emit('unacknowledged', { names: missing });
    return { acknowledged };
  }

  /** One attempt without queueing: true once L2 has acknowledged. Also how queued keys are delivered. */
  async send(key: string): Promise<boolean> {
    const { remote, emit } = this.#context;
    this.drop(key);
    const { result } = await remote.invalidate(key);
    this.drop(key);
    if (result === 'foreign-type') emit('foreign-value', { key });
    return result !== 'unknown';
  }

  /** Forget the key here, and keep what is being read or loaded now out of L1. */
  drop(key: string): void {
    const { shelf, fences } = this.#context;
    shelf.drop(key);
    fences.dirty(key);
  }

  /** A write whose fate is unknown: whatever stands at the key must go. */
  queue(key: string): void {
    this.drop(key);
    this.#context.undelivered.add(key);
  }

  async #key(key: string): Promise<boolean> {
    if (await this.send(key)) return true;
    this.queue(key);
    return false;
  }
}
