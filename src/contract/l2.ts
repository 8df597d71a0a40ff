/**
 * What the engine asks of its two tiers. Both tiers implement these; neither is known to the engine by class.
 * A store never decides what is fresh or who may load: it reports what it saw and does what it is told, atomically.
 */

/** An entry as L2 holds it. */
export interface RemoteEntry {
  /** Unique for each stored entry: what a compare-and-set on an entry compares. */
  readonly id: string;
  /** Milliseconds on L2's own clock (`L2.now`), so that the clocks of two processes need not agree. */
  readonly expiresAt: number;
  /** How long the load took, in ms. */
  readonly costMs: number;
  readonly version: string;
  /** What the generation keys of its groups, and then those of its tags, held before it was loaded (P6, P9). */
  readonly generations: readonly string[];
  /** Its tags, so that every reader can hold it against them, whatever it knows of the method that stored it (P9). */
  readonly tags: readonly string[];
  /** Which serializer wrote the payload; `STUB` for an entry whose value lives in L1 alone. */
  readonly serializer: string;
  readonly payload: Buffer;
}

/** The `serializer` of an entry without a payload: only proves that nothing was invalidated (`tiers: 'l1'`). */
export const STUB = '-';

/** What stood at a key. `sentAt` is the `Order` number at which the command was sent. */
export type Observation =
  | { readonly kind: 'absent'; readonly sentAt: number }
  | {
      readonly kind: 'entry';
      readonly sentAt: number;
      readonly entry: RemoteEntry;
      readonly witness: CasWitness;
    }
  /** `generations`: those under which its holder loads; `witness`: to take it over where they are not current. */
  | {
      readonly kind: 'leased';
      readonly sentAt: number;
      readonly generations: readonly string[];
      readonly witness: CasWitness;
    }
  | { readonly kind: 'write-leased'; readonly sentAt: number }
  /** A string that is no entry of ours: damaged, foreign, or of another format version. */
  | { readonly kind: 'garbled'; readonly sentAt: number; readonly witness: CasWitness }
  /** A value of another Redis type: never overwritten, never removed. */
  | { readonly kind: 'foreign-type'; readonly sentAt: number }
  | { readonly kind: 'unreachable'; readonly sentAt: number; readonly error: Error };

/** Identifies an observed value for a compare-and-set without sending all of it back. */
export interface CasWitness {
  readonly prefix: string | Buffer;
  /** Bytes of the whole value; undefined where the prefix alone is unique. */
  readonly length: number | undefined;
}

export type LeaseAttempt = { readonly kind: 'acquired'; readonly sentAt: number } | Observation;

/** `witness`: of the entry that stands there now. */
export type StubPlacement = { readonly kind: 'placed'; readonly witness: CasWitness } | Observation;

/**
 * `foreign-type`: a value of another Redis type stands there, and is left alone.
 * `unknown`: the reply was lost or late, the command may or may not have run.
 */
export interface Verdict {
  readonly result: 'done' | 'refused' | 'foreign-type' | 'unknown';
  readonly sentAt: number;
}

/** How a put began (P22): the entry it saw, or the write lease it placed; undefined if neither can be known. */
export type PutBegin =
  | { readonly kind: 'observed'; readonly witness: CasWitness }
  | { readonly kind: 'write-lease' }
  | { readonly kind: 'foreign-type' }
  | { readonly kind: 'unknown' };

/** What a load may be stored under: the lease's own token, and those of the key's groups (P6). */
export interface Lease {
  readonly token: string;
  readonly generations: readonly string[];
}

/** What is to be stored; the tier adds the id and turns the lifetime into a point on L2's clock. */
export interface NewEntry {
  /** How long it is fresh. */
  readonly ttlMs: number;
  /** How much longer it is kept, to be served while it is refreshed (P20). */
  readonly staleMs: number;
  readonly costMs: number;
  readonly version: string;
  readonly generations: readonly string[];
  /** Canonical texts, without white space. */
  readonly tags: readonly string[];
  readonly serializer: string;
  readonly payload: string | Buffer;
}

/** L2. Every method answers within the tier's deadline and never rejects. */
export interface L2 {
  /** False for the null tier of a cache without Redis. */
  readonly present: boolean;
  /** Milliseconds on L2's clock, that of the node that has this key. */
  now(key: string): number;
  /** For how many milliseconds the node that has this name has not been usable; 0 while it is, or none was seen yet. */
  awayMs(name: string): number;
  read(key: string): Promise<Observation>;
  /** Take the lease of an absent key, or see what is there instead (P12). */
  acquireLease(key: string, lease: Lease): Promise<LeaseAttempt>;
  /** Take the lease of a key that still holds the unusable value `witness` was taken from (P12). */
  takeOver(key: string, witness: CasWitness, lease: Lease): Promise<LeaseAttempt>;
  /** Store an entry at an absent key, or see what is there instead: a stub, before its value is loaded (P28). */
  placeStub(key: string, entry: NewEntry): Promise<StubPlacement>;
  /** Compare-and-set on the lease (P13). */
  fill(key: string, lease: Lease, entry: NewEntry): Promise<Verdict>;
  /** Compare-and-set on the entry that `witness` was taken from (P13, P20). */
  refresh(key: string, witness: CasWitness, entry: NewEntry): Promise<Verdict>;
  /** Is the entry that `witness` was taken from still there? The fill of a value that lives in L1 alone. */
  stubStands(key: string, witness: CasWitness): Promise<Verdict>;
  /** Compare-and-delete of the lease: after a failed load, or a value that is not to be stored (P14, P15). */
  release(key: string, lease: Lease): Promise<Verdict>;
  /** Extend the lease while its load runs (P16). */
  renew(key: string, lease: Lease): Promise<Verdict>;
  /** Remove entry or lease; taint a write lease, so that no put under way stores its value (P21, P22). */
  invalidate(key: string): Promise<Verdict>;
  /** Last writer wins, unless a write lease stands there (P23). */
  set(key: string, entry: NewEntry): Promise<Verdict>;
  beginPut(key: string, token: string): Promise<PutBegin>;
  /** `refused`: something changed meanwhile, nothing is stored and nothing old is left. */
  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict>;
  /** Take this writer out of the write lease; the last one leaves nothing. */
  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict>;
  /**
   * The generation key that stands on the same node as the key, where L2 has several: what that node holds is no longer valid
   * when it is another one, or another run of it (P40). Undefined: L2 is one place, and the namespace's generation key says so.
   */
  homeOf(key: string): string | undefined;
  /** The generation key's token, made if there is none (P5); undefined where L2 does not answer. `ms`: its life if it is made. */
  readGeneration(name: string, ms: number | undefined): Promise<string | undefined>;
  /** The generation key's token, undefined if there is none or L2 does not answer: a plain read, for generation keys that should exist. */
  peekGeneration(name: string): Promise<string | undefined>;
  /** Removing a generation key invalidates its group. */
  removeGeneration(name: string): Promise<Verdict>;
  /** Make the generation key live for at least `ms` from now (P8). */
  extendGeneration(name: string, ms: number): Promise<Verdict>;
  /** An advisory lock: true for the one who gets it, for `ms` (P20). */
  lock(name: string, ms: number): Promise<boolean>;
  /** Keep a lock for `ms` from now. It is given back by `removeGeneration`. */
  holdLock(name: string, ms: number): Promise<void>;
  /** These are in use; eviction by age must not take them (P8). */
  touch(names: readonly string[]): Promise<void>;
  /** Adds to the namespace's declared patterns, and returns them all (P7); undefined where L2 does not answer. */
  patterns(name: string, added: readonly string[]): Promise<readonly string[] | undefined>;
  /** One pass over all keys that may match, for patterns that nobody declared (P10). The number that was removed. */
  sweep(
    glob: string,
    matches: (key: string) => boolean,
  ): Promise<{ readonly removed: number; readonly complete: boolean }>;
  /**
   * Removes the bytes of entries that do not have this token of the namespace, and are invalid therefore (P27).
   * @param wanted false for names that are none of entries, and for all once the purge is not to go on
   */
  purge(token: string, wanted: (key: string) => boolean): Promise<void>;
  /**
   * Places a write lease at a key or a generation key (P24): whatever was there is gone, and readers take nothing from
   * there and store nothing there.
   */
  beginWrite(name: string, token: string): Promise<Verdict>;
  /** Also for the write lease of a put. */
  renewWrite(name: string, token: string): Promise<Verdict>;
  /** This writer is done. The last one leaves nothing. If the write lease is gone, whatever replaced it goes too. */
  endWrite(name: string, token: string): Promise<Verdict>;
  /** Resolves at the end of the first attempt to connect, successful or not, or after `withinMs`. */
  settled(withinMs: number): Promise<void>;
  readonly state: RemoteState;
  /** Called with each change of state; before the first read that follows a return. */
  onState(listener: (state: RemoteState) => void): void;
  /**
   * Called whenever a node of L2 can be reached again, before it is read: it may be another run of the server, or another
   * server. What the listener returns is waited for; invalidations can be sent meanwhile, and nothing else.
   */
  onReturn(listener: () => Promise<unknown> | undefined): void;
  /** The circuit breaker of each node. */
  readonly breakers: readonly NodeBreaker[];
  close(): Promise<void>;
}

export interface NodeBreaker {
  readonly node: string;
  readonly state: 'closed' | 'open' | 'half-open';
}

export type RemoteState =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'closed' };

/** L1: entries with their own expiry on the injected clock. */
export interface MemoryTier<E> {
  /** The entry, expired or not, marked as recently used. */
  get(key: string): E | undefined;
  /** `bytes` is looked at only where the tier is `measured`: bounded by bytes. */
  set(key: string, entry: E, bytes: number): void;
  readonly measured: boolean;
  delete(key: string): boolean;
  clear(): void;
  /** A snapshot. */
  keys(): readonly string[];
  readonly size: number;
  readonly bytes: number;
  close(): void;
}
