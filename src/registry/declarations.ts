/**
 * What the decorators of the program have declared: a list of all declarations, and what each decorated method is.
 * It checks nothing and calls nothing.
 */
import type { ReadingOptions, StoringOptions } from '../config/options';
import type { Target } from '../contract/engine';
import type { KeyList } from '../keys/key-list';
import type { KeyOf } from '../keys/method-binding';
import type { DecoratedCache } from './default-cache';
import { callSite } from './inspection';
import { classNameOf, type MethodIdentity } from './method-identity';

export type Method = (this: unknown, ...args: any[]) => unknown;

/** A callback of the user's, bound to the instance: `(args)`. */
export type Condition = (this: unknown, args: readonly unknown[]) => boolean;

/** A callback of the user's that sees the awaited result: `(args, result)`. */
export type ResultCallback<Answer> = (this: unknown, args: readonly unknown[], result: unknown) => Answer;

/** The cache itself, or how to find it from the instance. */
export type CacheSource = DecoratedCache | ((self: unknown) => DecoratedCache | undefined);

interface DeclaredOnMethod {
  readonly method: MethodIdentity;
  /** As written; empty if a function computes the keys. */
  readonly templates: readonly string[];
  /** True: its entries belong to everybody, whatever `requireContext` says. */
  readonly shared: boolean;
  /** The metric label asked for, instead of `Class.method`. */
  readonly name: string | undefined;
  readonly cache: CacheSource | undefined;
  readonly when: Condition | undefined;
}

/** The `tags` option of a method that stores. */
export interface TagsDeclaration {
  /** As written; empty if a function computes the tags. */
  readonly templates: readonly string[];
  /** Those that need only the arguments. @throws if a value is missing */
  known(self: unknown, args: readonly unknown[], element?: unknown): readonly string[];
  /** Those that need the result, if any. */
  readonly ofResult: ResultCallback<readonly string[]> | undefined;
}

/** What is particular to a bulk method. Its key is that of one element. */
export interface BulkDeclaration {
  readonly list: KeyList;
  /** The kind of the method's result. */
  readonly into: 'array' | 'map' | 'record';
  /** Of an array: which element an item belongs to. Undefined: the array is aligned with the list. */
  readonly by: ((item: unknown) => unknown) | undefined;
}

export interface CacheableDeclaration extends DeclaredOnMethod {
  readonly kind: 'cacheable';
  /** Set by `@CacheableMany`. */
  readonly bulk: BulkDeclaration | undefined;
  readonly storing: ReadingOptions;
  readonly keyOf: KeyOf;
  /** Whether the method looks at its load: `currentLoad()`. */
  readonly loadContext: boolean;
  readonly unless: ResultCallback<boolean> | undefined;
  readonly tags: TagsDeclaration | undefined;
}

export interface PutDeclaration extends DeclaredOnMethod {
  readonly kind: 'put';
  readonly storing: StoringOptions;
  readonly keyOf: KeyOf;
  /** Set if the key uses `<result>` and cannot be watched while the method runs: it is invalidated then, unless `created`. */
  readonly lateTarget: TargetSource | undefined;
  /** True: with a `lateTarget`, the result is stored if nothing is at the key then. */
  readonly created: boolean;
  readonly unless: ResultCallback<boolean> | undefined;
  /** What to store instead of the result. */
  readonly value: ResultCallback<unknown> | undefined;
  readonly tags: TagsDeclaration | undefined;
}

/** One pattern or tag, or one function that gives several. */
export interface TargetSource {
  readonly needsResult: boolean;
  bind(self: unknown, args: readonly unknown[], result?: unknown): readonly Target[];
}

/** An event of the configuration. The cache knows its patterns. */
export interface EventSource {
  readonly event: string;
  /** The names in the data: those of the parameters. Undefined if a function computes the data. */
  readonly names: readonly string[] | undefined;
  /** False: the data are the arguments by the names of the parameters. */
  readonly needsResult: boolean;
  data(self: unknown, args: readonly unknown[], result?: unknown): Readonly<Record<string, unknown>>;
}

export interface InvalidateDeclaration extends DeclaredOnMethod {
  readonly kind: 'invalidate';
  /** Keys and patterns. */
  readonly targets: readonly TargetSource[];
  readonly tagTargets: readonly TargetSource[];
  readonly tags: Pick<TagsDeclaration, 'templates'> | undefined;
  readonly event: EventSource | undefined;
  readonly timing: 'before' | 'after' | 'around';
  readonly on: 'success' | 'always';
}

export type Declaration = CacheableDeclaration | PutDeclaration | InvalidateDeclaration;

/** A decorated method and all its declarations. */
export interface DecoratedMethod {
  /** The method as it was written. */
  readonly original: Method;
  readonly identity: MethodIdentity;
  /** The prototype (of a static method: the class) that it was declared on, if the decorator mode tells. */
  readonly home: object | undefined;
  /** The outermost decorator's first. */
  readonly declarations: readonly Declaration[];
  /** The cache of a call on `self`, if it has one. */
  cacheOf(self: unknown): DecoratedCache | undefined;
}

const all: Declaration[] = [];
const places = new WeakMap<object, string>();
const wrapped = new WeakMap<object, DecoratedMethod>();
/** By home and name: finds a method that a foreign wrapper hides, if its home is known. */
const declared = new WeakMap<object, Map<string | symbol, DecoratedMethod>>();

/** Every declaration of the program, in the order in which the classes were defined. */
export function declarations(): readonly Declaration[] {
  return all;
}

export function register(declaration: Declaration): void {
  all.push(declaration);
  const place = callSite();
  if (place !== undefined) places.set(declaration, place);
}

/** Where it is written, as `file:line:column`; known only to a command that inspects the program. */
export function placeOf(declaration: object): string | undefined {
  return places.get(declaration);
}

/** The method that a wrapper of ours wraps; `undefined` for any other value. */
export function decoratedMethod(wrapper: unknown): DecoratedMethod | undefined {
  return typeof wrapper === 'function' ? wrapped.get(wrapper) : undefined;
}

export function rememberWrapper(wrapper: Method, method: DecoratedMethod): void {
  wrapped.set(wrapper, method);
  const { home, identity } = method;
  byIdentity.set(identity, method);
  if (home === undefined) return;
  const ofHome = declared.get(home) ?? new Map<string | symbol, DecoratedMethod>();
  declared.set(home, ofHome.set(identity.name, method));
}

/** Learns the name of a method's class from a call: the class on `self`'s prototype chain that has it as its own. */
export function learnOwner({ identity }: DecoratedMethod, self: unknown): void {
  if (identity.isOwnerKnown || !isObject(self)) return;
  let holder: object | null = self;
  while (holder !== null && ownMethod(holder, identity.name)?.identity !== identity) {
    holder = Object.getPrototypeOf(holder);
  }
  // Private methods and methods below a foreign wrapper are on no chain: use the class of `self`.
  identity.learn(classNameOf(holder ?? self));
}

const byIdentity = new WeakMap<MethodIdentity, DecoratedMethod>();

/** What the context of a call's cache returns now; undefined without a cache. */
export function ambientOf(identity: MethodIdentity, self: unknown): unknown {
  return byIdentity.get(identity)?.cacheOf(self)?.engine.ambient;
}

/** The decorated method that `holder` itself, and nothing above it, has under this name. */
export function ownMethod(holder: object, name: string | symbol): DecoratedMethod | undefined {
  const own = decoratedMethod(Object.getOwnPropertyDescriptor(holder, name)?.value);
  return own ?? declared.get(holder)?.get(name);
}

/** The decorated method that a call of `self[name]` reaches. */
export function reachedMethod(self: object, name: string | symbol): DecoratedMethod | undefined {
  let holder: object | null = self;
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
  return holder === null ? undefined : ownMethod(holder, name);
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
