/**
 * What became of the keys that this process stored last: so that a later load can tell why there was nothing to serve.
 * One slot of a fixed table per key, found by a hash: keys that share a slot displace each other, and are then forgotten.
 * It is written when something is stored, removed or evicted, never by a hit.
 */
import type { MissReason } from '../../contract/statistics';

type Fate = Extract<MissReason, 'first' | 'expired' | 'invalidated' | 'evicted' | 'unstored'>;

const STORED = 0;
const REMOVED = 1;
const UNSTORED = 2;
const EVICTED = 3;
const KIND_BITS = 2;
const MS_PER_TICK = 100;
const LAST_TICK = 2 ** (32 - KIND_BITS) - 1;

export class RecentKeys {
  readonly #slots: number;
  /** Two numbers per slot: the key's hash, and its fate with the tick at which it expires. Made at the first use. */
  #table: Uint32Array | undefined;
  /** What is removed is often stored next: a key is hashed once for both. */
  #lastKey = '';
  #lastHash = hashOf('');

  /** @param slots a power of two; 0: remembers nothing */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** @param untilMs on the local clock: when the entry expires */
  stored(key: string, untilMs: number): void {
    const tick = Math.min(LAST_TICK, Math.max(0, Math.floor(untilMs / MS_PER_TICK)));
    this.#write(key, (tick << KIND_BITS) | STORED);
  }

  /** Loaded, and kept out of the cache, because something was invalidated meanwhile. */
  unstored(key: string): void {
    this.#write(key, UNSTORED);
  }

  /** Taken out of L1 because it was changed or invalidated; what had expired by then is left as it is. */
  removed(key: string, now: number): void {
    const state = this.#read(key);
    if (state !== undefined && kindOf(state) === STORED && !hasExpired(state, now)) {
      this.#write(key, state | REMOVED);
    }
  }

  /** L1 needed its place. */
  evicted(key: string): void {
    const state = this.#read(key);
    if (state !== undefined && kindOf(state) === STORED) this.#write(key, state | EVICTED);
  }

  /**
   * @param isGoneFromL2 L2 held the entry, or its stub, and has nothing now. Leaving L1 is then no reason to load: a
   *   process also drops its copy when it hears of its own fill.
   */
  fateOf(key: string, now: number, isGoneFromL2: boolean): Fate {
    const state = this.#read(key);
    if (state === undefined) return 'first';
    const kind = kindOf(state);
    if (kind === UNSTORED) return 'unstored';
    if (isGoneFromL2) return hasExpired(state, now) ? 'expired' : 'invalidated';
    if (kind === REMOVED) return 'invalidated';
    return kind === EVICTED && !hasExpired(state, now) ? 'evicted' : 'expired';
  }

  #write(key: string, state: number): void {
    if (this.#slots === 0) return;
    this.#table ??= new Uint32Array(2 * this.#slots);
    const hash = this.#hashOf(key);
    const at = 2 * (hash & (this.#slots - 1));
    this.#table[at] = hash;
    this.#table[at + 1] = state;
  }

  #read(key: string): number | undefined {
    if (this.#table === undefined) return undefined;
    const hash = this.#hashOf(key);
    const at = 2 * (hash & (this.#slots - 1));
    return this.#table[at] === hash >>> 0 ? this.#table[at + 1] : undefined;
  }

  #hashOf(key: string): number {
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastHash = hashOf(key);
    }
    return this.#lastHash;
  }
}

/** Up to two ticks early: L2 may drop an entry a little before its end on the local clock. */
function hasExpired(state: number, now: number): boolean {
  return now + MS_PER_TICK >= (state >>> KIND_BITS) * MS_PER_TICK;
}

function kindOf(state: number): number {
  return state & (2 ** KIND_BITS - 1);
}

/** FNV-1a over UTF-16 code units; never 0, which is an empty slot. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  // The low bits choose the slot: fold the high ones in.
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash;
}
