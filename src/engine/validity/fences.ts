/**
 * Fences (P30): who reads or loads a key opens one; an invalidation of the key makes every open fence dirty; what was
 * read or loaded behind a dirty fence does not enter L1. This closes the race "load begins, row changes, key is
 * invalidated, load ends and stores the old row". Nothing here waits: it is bookkeeping within one process.
 */
import { TransientMap } from './transient-map';

export class Fence {
  /** Something changed at the key, or may have: what is read or loaded behind this fence stays out of L1. */
  dirty = false;
  /** This process has invalidated or written the key: what was loaded before that is not to be shared either. */
  voided = false;
  /** Called when a change of the key is heard of. */
  wake: (() => void) | undefined;
  /** Other fences on the same key form a list: nearly always there is only one. */
  next: Fence | undefined;
  previous: Fence | undefined;

  constructor(
    readonly key: string,
    readonly isQuiet: boolean,
  ) {}
}

export class Fences {
  readonly #open = new TransientMap<Fence>();
  #size = 0;

  /** How many are open, quiet ones excepted. */
  get size(): number {
    return this.#size;
  }

  /** @param isQuiet does not count as under way: of background work, or within a read or write that counts itself */
  open(key: string, isQuiet = false): Fence {
    const fence = new Fence(key, isQuiet);
    if (!isQuiet) this.#size += 1;
    const next = this.#open.get(key);
    if (next !== undefined) {
      fence.next = next;
      next.previous = fence;
    }
    this.#open.set(key, fence);
    return fence;
  }

  close(fence: Fence): void {
    const { key, next, previous } = fence;
    if (!fence.isQuiet) this.#size -= 1;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else if (next !== undefined) this.#open.set(key, next);
    else if (this.#open.get(key) === fence) this.#open.delete(key);
  }

  /** Everything may have changed, or changes were missed. */
  dirtyAll(): void {
    for (const key of this.#open.keys()) this.heard(key);
  }

  /** A change of the key was heard of; it may be one's own, so it says nothing against what is being loaded. */
  heard(key: string): void {
    for (let at = this.#open.get(key); at !== undefined; at = at.next) {
      at.dirty = true;
      at.wake?.();
    }
  }

  /** This process changes the key: all its open fences are void, except `own`, the writer's. */
  void(key: string, own?: Fence): void {
    for (let at = this.#open.get(key); at !== undefined; at = at.next) {
      if (at === own) continue;
      at.dirty = true;
      at.voided = true;
    }
  }

  voidMatching(matches: (key: string) => boolean): void {
    for (const key of this.#open.keys()) {
      if (matches(key)) this.void(key);
    }
  }
}
