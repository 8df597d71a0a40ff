/**
 * The cache that decorated methods use if neither the decorator nor the class names one: one slot per process.
 * `createCache` fills the slot, and `close()` clears it.
 */
import type { StoringOptions } from '../config/options';
import type { EnginePort, Policy } from '../contract/engine';

/**
 * What decorated methods need of a cache. The published types keep `namespace` alone: a cache that `createCache` made is
 * accepted by it, and the engine behind it is not for users.
 */
export interface DecoratedCache {
  readonly namespace: string;
  /** @internal */
  readonly engine: EnginePort;
  /** @internal Checks the options against the configuration; throws a coded error, such as an unknown preset. */
  compile(options: StoringOptions, label: string): Policy;
}

let current: DecoratedCache | undefined;

/**
 * The copies of this package that have a default cache: a process can hold several (nested installs, a test runner's
 * module reset), and none sees the caches of another.
 */
const COPIES = Symbol.for('tiercel.copies');
const shared = globalThis as { [COPIES]?: Set<object> };
const copies = shared[COPIES] ?? new Set();
shared[COPIES] = copies;
const OWN_COPY = {};

/** Whether another copy of this package in the process has a default cache. */
export function hasCacheOfAnotherCopy(): boolean {
  return copies.size > (copies.has(OWN_COPY) ? 1 : 0);
}

export function defaultCache(): DecoratedCache | undefined {
  return current;
}

/** The last one set wins. */
export function setDefaultCache(cache: DecoratedCache): void {
  current = cache;
  copies.add(OWN_COPY);
}

/** Empties the slot if it still holds this cache, so that closing an old cache does not take away a newer one. */
export function clearDefaultCache(cache: DecoratedCache): void {
  if (current !== cache) return;
  current = undefined;
  copies.delete(OWN_COPY);
}
