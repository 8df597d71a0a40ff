/**
 * `@UseCache`: which cache the decorated methods of a class and its subclasses use. It remembers the function per class;
 * cache-access calls it.
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, DecoratorTargetError } from '../contract/errors';
import type { DecoratedCache } from '../registry/default-cache';

type Finder = (self: unknown) => DecoratedCache | undefined;

/** A class decorator for both decorator modes. */
export type ClassCacheDecorator<This> = (
  subject: abstract new (...args: any[]) => This,
  context?: ClassDecoratorContext,
) => void;

const finders = new WeakMap<object, Finder>();
let decorated = 0;

/**
 * Names the cache of the instances of a class: `@UseCache((self) => self.cache)`. A private field is reached as
 * `self['cache']`. The function is called at every call. If it returns `undefined`, the method just runs, and the default
 * cache is not used. A subclass inherits it, and may have its own. Static methods use the option `cache` instead.
 *
 * @throws when the class is defined: a coded error if it is not on a class.
 */
export function UseCache<This>(find: (self: This) => DecoratedCache | undefined): ClassCacheDecorator<This> {
  if (typeof find !== 'function') {
    throw new DecoratorOptionError({
      subject: '@UseCache',
      expected: 'a function from the instance to its cache',
      got: describe(find),
    });
  }
  return (subject) => {
    if (typeof subject !== 'function' || typeof subject.prototype !== 'object') {
      throw new DecoratorTargetError({
        subject: '@UseCache',
        expected: 'a class',
        got: describe(subject),
      });
    }
    finders.set(subject.prototype, find as Finder);
    decorated += 1;
  };
}

/** As `@UseCache`, and for the static methods of the class as well. */
export function setClassCache(subject: abstract new (...args: any[]) => unknown, find: Finder): void {
  finders.set(subject.prototype, find);
  finders.set(subject, find);
  decorated += 1;
}

/** How many classes have been decorated: as long as this is unchanged, so are the answers of `classCacheFinder`. */
export function decoratedClasses(): number {
  return decorated;
}

/** The finder of the nearest class on the chain that begins at `prototype`. */
export function classCacheFinder(prototype: object | null): Finder | undefined {
  for (let holder = prototype; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const finder = finders.get(holder);
    if (finder !== undefined) return finder;
  }
  return undefined;
}
