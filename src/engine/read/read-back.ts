/**
 * Brings what this process has stored in L2 into its own L1 (L1 admission, P28). The process hears of its own write, which
 * drops what L1 has. So after that message the key is read, in the background and behind a fence of its own, as any reader
 * would: what enters is what L2 holds. The reads of many keys share their commands.
 */
import type { Timer } from '../../contract/clock';
import type { NewEntry } from '../../contract/l2';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext, OwnCopies } from '../runtime/context';
import type { Fence } from '../validity/fences';
import { heldByTags, type L2Read, readL2 } from './read-l2';
import { usableEntry } from './usable-entry';

/** How long to wait for the message of the write. */
const MESSAGE_MS = 50;
/** The first is read at once, and those that come meanwhile are read together after so long. */
const PACE_MS = 2;
/** The message of the lease may pass for that of the fill, which then disturbs the read. */
const ATTEMPTS = 2;
const MAX_OPEN = 48;
const MAX_BYTES = 16_384;

export class ReadBack implements OwnCopies {
  readonly #context: () => EngineContext;
  #open = 0;
  #isClosed = false;
  #pacer: Timer | undefined;
  /** Those that wait for the next read. */
  #waiting: (() => void)[] = [];
  /** Each ends one wait for a message. */
  readonly #waits = new Set<() => void>();

  constructor(context: () => EngineContext) {
    this.#context = context;
  }

  bring(key: string, policy: CompiledPolicy, { payload }: NewEntry, written: Fence): void {
    const { l2, background } = this.#context();
    if (!l2.present || !policy.keptInL1 || !policy.valueInL2 || this.#isClosed) return;
    if (this.#open >= MAX_OPEN || Buffer.byteLength(payload) > MAX_BYTES) return;
    background.run('keep a copy of what was stored', this.#bring(key, policy, written.dirty));
  }

  close(): void {
    this.#isClosed = true;
    this.#context().clock.clearTimeout(this.#pacer);
    for (const end of this.#waits) end();
    this.#next();
  }

  async #bring(key: string, policy: CompiledPolicy, isHeard: boolean): Promise<void> {
    const { fences, l1 } = this.#context();
    this.#open += 1;
    let fence = fences.open(key, true);
    try {
      if (!isHeard) await this.#message(fence);
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        await this.#turn();
        if (this.#isClosed || fence.voided || l1.get(key, policy.version, policy) !== undefined) return;
        fences.close(fence);
        fence = fences.open(key, true);
        await this.#accept(key, policy, await readL2(this.#context(), key, policy), fence);
        if (!fence.dirty) return;
      }
    } finally {
      fences.close(fence);
      this.#open -= 1;
    }
  }

  async #accept(
    key: string,
    policy: CompiledPolicy,
    { seen, snapshot }: L2Read,
    fence: Fence,
  ): Promise<void> {
    if (seen.kind !== 'entry' || snapshot === undefined || fence.dirty) return;
    const { entry } = seen;
    const context = this.#context();
    const held = entry.tags.length === 0 ? snapshot : await heldByTags(context, policy, snapshot, entry);
    if (held !== undefined) usableEntry(context, key, policy, entry, held, fence);
  }

  #message(fence: Fence): Promise<void> {
    const { clock } = this.#context();
    return new Promise((resolve) => {
      const end = (): void => {
        clock.clearTimeout(timer);
        this.#waits.delete(end);
        resolve();
      };
      const timer = clock.setTimeout(end, MESSAGE_MS);
      timer.unref?.();
      this.#waits.add(end);
      fence.wake = end;
    });
  }

  #turn(): Promise<void> | undefined {
    if (this.#pacer !== undefined) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#pace();
    return undefined;
  }

  #pace(): void {
    this.#pacer = this.#context().clock.setTimeout(this.#next, PACE_MS);
    this.#pacer.unref?.();
  }

  #next = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#pacer = undefined;
    if (waiting.length > 0 && !this.#isClosed) this.#pace();
    for (const go of waiting) go();
  };
}
