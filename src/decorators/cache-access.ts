/**
 * Finds the cache of a call: the option `cache`, else `@UseCache` of the class, else the default cache. It does so at call
 * time, since classes are defined before caches are created. It is on the path of every hit, so it remembers the last class.
 */
import { type Declaration, type DecoratedMethod, isObject, learnOwner } from '../registry/declarations';
import { type DecoratedCache, defaultCache, hasCacheOfAnotherCopy } from '../registry/default-cache';
import { classCacheFinder, decoratedClasses } from './use-cache';

type CacheFinder = (self: unknown) => DecoratedCache | undefined;

export function cacheFinder(declarations: readonly Declaration[]): CacheFinder {
  const source = declarations.find(({ cache }) => cache !== undefined)?.cache;
  if (source === undefined) return ambientCacheFinder();
  return typeof source === 'function' ? source : () => source;
}

function ambientCacheFinder(): CacheFinder {
  let classesSeen = 0;
  let lastPrototype: object | null = null;
  let lastFinder: CacheFinder | undefined;
  return (self) => {
    if (decoratedClasses() === 0 || !isObject(self)) return defaultCache();
    // Of a static method it is the class itself.
    const prototype: object | null = typeof self === 'function' ? self : Object.getPrototypeOf(self);
    if (prototype !== lastPrototype || classesSeen !== decoratedClasses()) {
      lastFinder = classCacheFinder(prototype);
      lastPrototype = prototype;
      classesSeen = decoratedClasses();
    }
    return lastFinder === undefined ? defaultCache() : lastFinder(self);
  };
}

const warned = new WeakSet<DecoratedMethod>();

/** Warns once per method that it runs without a cache. In a unit test that is intended. */
export function warnOfNoCache(method: DecoratedMethod, self: unknown): void {
  if (warned.has(method) || process.env['NODE_ENV'] === 'test') return;
  warned.add(method);
  learnOwner(method, self);
  const remedy = hasCacheOfAnotherCopy()
    ? 'Another copy of this package has one: the package is loaded twice. Install it once, as a peer dependency of libraries.'
    : "Create a cache, name one with the option 'cache', or put @UseCache on the class.";
  process.emitWarning(`${method.identity.label} is decorated but has no cache, and just runs. ${remedy}`, {
    type: 'TiercelWarning',
    code: 'TIERCEL_NO_CACHE',
  });
}
