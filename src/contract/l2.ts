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
  /** Of one that was compressed: how L2 holds it. */
  readonly stored?: { readonly serializer: string; readonly bytes: number };
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
  /** Canonical strings, without white space. */
  readonly tags: readonly string[];
  readonly serializer: string;
  readonly payload: string | Buffer;
  /** For L1; in L2 it is part of the payload. */
  readonly meta?: unknown;
}

/**
 * Called once, in the turn in which the reply arrives, with what stands at a key, and at the generation keys that were asked
 * for beside it: undefined where there is none, or L2 did not tell. Must not throw.
 */
export type ReadTold = (seen: Observation, beside: readonly (string | undefined)[]) => void;

/** L2. Every method answers within the deadline of its command and never rejects. */
export interface L2 {
  /** False for a cache without Redis. */
  readonly present: boolean;
  /** Milliseconds on L2's clock: that of the node that has this key. */
  now(key: string): number;
  /**
   * If L2 has several nodes: the generation key that lies on the same node as the key. It changes with the node and with
   * each of its runs, and then what the node holds is no longer valid (P40). Undefined if L2 is one node: the generation
   * key of the namespace says the same.
   */
  homeOf(key: string): string | undefined;
  /** Reads a key, and these generation keys: one command for all that one turn reads (P11). */
  read(key: string, beside: readonly string[], told: ReadTold): void;
  /**
   * Whether `leaseFirst` may be called for this key now: not before Redis 7, nor if the server has lately refused a lease.
   * `'in-crowd'`: many reads leave in one turn, and would share a command.
   */
  canLeaseFirst(key: string): 'no' | 'yes' | 'in-crowd';
  /** As `acquireLease`, of a key that was not read before. If the server refuses writes, the key is read instead. */
  leaseFirst(key: string, lease: Lease): Promise<LeaseAttempt>;
  /** Takes the lease of an absent key, or reports what is there instead (P12). */
  acquireLease(key: string, lease: Lease): Promise<LeaseAttempt>;
  /** Takes the lease of a key that still holds the unusable value of `witness` (P12). */
  takeOver(key: string, witness: CasWitness, lease: Lease): Promise<LeaseAttempt>;
  /** Stores a stub at an absent key before its value is loaded, or reports what is there instead (P28). */
  placeStub(key: string, entry: NewEntry): Promise<StubPlacement>;
  /** Whether the stub of `witness` is still there: the fill of a value that lives in L1 alone. */
  stubStands(key: string, witness: CasWitness): Promise<Verdict>;
  /** Stores by compare-and-set on the lease (P13). */
  fill(key: string, lease: Lease, entry: NewEntry): Promise<Verdict>;
  /** Stores by compare-and-set on the entry of `witness` (P13, P20). */
  refresh(key: string, witness: CasWitness, entry: NewEntry): Promise<Verdict>;
  /** Removes the lease if it is still there: after a failed load, or for a value that is not stored (P14, P15). */
  release(key: string, lease: Lease): Promise<Verdict>;
  /** Extends the lease while its load runs (P16). */
  renew(key: string, lease: Lease): Promise<Verdict>;
  /** Removes an entry or a lease. Taints a write lease, so that no put under way stores its value (P21, P22). */
  invalidate(key: string): Promise<Verdict>;
  /** The last writer wins, unless there is a write lease (P23). A tier that need not wait answers at once. */
  set(key: string, entry: NewEntry): Verdict | Promise<Verdict>;
  beginPut(key: string, token: string): Promise<PutBegin>;
  /** `refused`: something changed meanwhile. Nothing is stored, and nothing old is left. */
  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict>;
  /** Takes this writer out of the write lease. The last one leaves nothing. */
  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict>;
  /**
   * Places a write lease at a key or a generation key (P24). Whatever was there is gone. Readers take nothing from there
   * and store nothing there.
   */
  beginWrite(name: string, token: string): Promise<Verdict>;
  /** Extends a write lease, that of a put included. */
  renewWrite(name: string, token: string): Promise<Verdict>;
  /** This writer is done. The last one leaves nothing. If the write lease is gone, whatever replaced it goes too. */
  endWrite(name: string, token: string): Promise<Verdict>;
  /** An advisory lock for `ms` (P20): true for the one caller that gets it. */
  lock(name: string, ms: number): Promise<boolean>;
  /** Keeps a lock for `ms` from now. `generations.remove` gives it back. */
  holdLock(name: string, ms: number): Promise<void>;
  /**
   * One pass over all keys that may match, for patterns that nobody declared (P10).
   * @returns the number of removed keys, and whether the pass saw every key
   */
  sweep(
    glob: string,
    matches: (key: string) => boolean,
  ): Promise<{ readonly removed: number; readonly complete: boolean }>;
  /**
   * Removes the bytes of entries that do not carry this generation of the namespace, and are invalid therefore (P27).
   * @param wanted false for names that are not entries
   * @param isOver asked at each step: true ends the pass
   */
  purge(generation: string, wanted: (key: string) => boolean, isOver: () => boolean): Promise<void>;
  readonly generations: Generations;
  readonly status: L2Status;
  close(): Promise<void>;
}

/** The generation keys of groups, and the set of declared patterns. */
export interface Generations {
  /**
   * The generation, created if it is missing (P5). Undefined if L2 does not answer.
   * @param ms how long a new generation key lives; undefined: it does not expire
   */
  read(name: string, ms: number | undefined): Promise<string | undefined>;
  /** The generation, if there is one: a plain read, for generation keys that should exist. */
  peek(name: string): Promise<string | undefined>;
  /** Removing a generation key invalidates its group. */
  remove(name: string): Promise<Verdict>;
  /** Makes the generation key live for at least `ms` from now (P8). */
  extend(name: string, ms: number): Promise<Verdict>;
  /** These are in use: eviction by age must not take them (P8). */
  touch(names: readonly string[]): Promise<void>;
  /**
   * Adds to the namespace's declared patterns, and returns them all (P7). Undefined if L2 does not answer.
   * @param guard the generation key that is replaced if the set is not there: it may have been lost
   */
  patterns(name: string, added: readonly string[], guard: string): Promise<readonly string[] | undefined>;
}

/** Whether L2 can be used, as a whole and node by node. */
export interface L2Status {
  readonly state: RemoteState;
  /** The circuit breaker of each node. */
  readonly breakers: readonly NodeBreaker[];
  /** For how many milliseconds the node of this name has not been usable; 0 while it is, or if none was seen yet. */
  awayMs(name: string): number;
  /** Resolves at the end of the first attempt to connect, successful or not, or after `withinMs`. */
  settled(withinMs: number): Promise<void>;
  /** Calls the listener with each change of state; before the first read that follows a return. */
  onState(listener: (state: RemoteState) => void): void;
  /**
   * Calls the listener whenever a node can be reached again, before it is read: it may be another run of the server, or
   * another server. What the listener returns is waited for. Only invalidations can be sent meanwhile.
   */
  onReturn(listener: () => Promise<unknown> | undefined): void;
}

export interface NodeBreaker {
  readonly node: string;
  readonly state: 'closed' | 'open' | 'half-open';
}

export type RemoteState =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready' }
  /** `refused`: Redis answers, and refuses what the cache needs. */
  | { readonly kind: 'down'; readonly reason: string; readonly refused?: true }
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
