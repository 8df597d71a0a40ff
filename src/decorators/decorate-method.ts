/**
 * Makes one function serve as a legacy decorator and as a TC39 decorator: tells the two calls apart, refuses anything but
 * a method, and replaces the method by the wrapper. Stacked decorators find each other here: the outer one replaces
 * the inner one's wrapper by a wrapper for both, so that one call of the method is one operation (P25).
 */
import { describe } from '../config/describe';
import { ConflictingDecoratorsError, DecoratorTargetError } from '../contract/errors';
import {
  type Declaration,
  type DecoratedMethod,
  decoratedMethod,
  isObject,
  type Method,
  register,
  rememberWrapper,
} from '../registry/declarations';
import { classNameOf, MethodIdentity } from '../registry/method-identity';
import { cacheFinder } from './cache-access';
import { type ClassDefaults, rememberDeclare } from './cache-defaults';
import { declareInMetadata, disguise } from './disguise';
import type { AsyncMethodDecorator } from './method-types';
import { describeSubject, type Subject } from './subject';
import { refuseSyncReturnType } from './sync-method';
import { createWrapper } from './wrapper';

/** Makes a declaration; called again if the class turns out to have defaults. */
type Declare = (subject: Subject, defaults: ClassDefaults) => Declaration;

/** What the decorator is on, in terms of both modes. */
interface Place {
  readonly identity: MethodIdentity;
  readonly home: object | undefined;
  /** The method before any decorator, if it can still be seen. */
  readonly pristine: unknown;
}

export function decorateMethod<This, Method>(
  decorator: string,
  declare: Declare,
): AsyncMethodDecorator<This, Method> {
  return (...decorated: readonly unknown[]) => {
    const [first, second, third] = decorated;
    return isStandardContext(second)
      ? decorateStandard(decorator, declare, first, second)
      : decorateLegacy(decorator, declare, first, second, third);
  };
}

function isStandardContext(value: unknown): value is DecoratorContext {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function decorateStandard(
  decorator: string,
  declare: Declare,
  value: unknown,
  context: DecoratorContext,
): Method {
  if (context.kind !== 'method') throw notAMethod(decorator, String(context.name), `'${context.kind}'`);
  const identity = new MethodIdentity(context.name, { isPrivate: context.private });
  return wrap(decorator, declare, value as Method, { identity, home: undefined, pristine: undefined });
}

function decorateLegacy(
  decorator: string,
  declare: Declare,
  target: unknown,
  name: unknown,
  descriptor: unknown,
): PropertyDescriptor {
  if (!isObject(target) || (typeof name !== 'string' && typeof name !== 'symbol')) {
    throw notAMethod(decorator, describe(target), name === undefined ? 'a class' : 'something else');
  }
  const owner = classNameOf(target);
  const { value, get, set } = (descriptor ?? {}) as PropertyDescriptor;
  if (typeof value !== 'function') {
    const kind = get === undefined && set === undefined ? 'a field' : 'an accessor';
    throw notAMethod(decorator, `${owner}.${String(name)}`, kind);
  }
  refuseSyncReturnType(decorator, owner, target, name);
  const place: Place = {
    identity: new MethodIdentity(name, { owner }),
    home: target,
    pristine: Object.getOwnPropertyDescriptor(target, name)?.value,
  };
  return { ...(descriptor as PropertyDescriptor), value: wrap(decorator, declare, value, place) };
}

function wrap(decorator: string, declare: Declare, value: Method, place: Place): Method {
  const inner = decoratedMethod(value);
  const original = inner?.original ?? value;
  const subject: Subject = {
    decorator,
    identity: inner?.identity ?? place.identity,
    original,
    source: sourceOf(place.pristine) ?? original,
  };
  const declaration = declare(subject, {});
  rememberDeclare(declaration, (defaults) => declare(subject, defaults));
  const declarations = [declaration, ...(inner?.declarations ?? [])];
  refuseConflicts(subject, declarations);
  const method: DecoratedMethod = {
    original,
    identity: subject.identity,
    home: place.home,
    declarations,
    cacheOf: cacheFinder(declarations),
  };
  const wrapper = createWrapper(method);
  disguise(wrapper, value);
  declareInMetadata(wrapper, declarations);
  rememberWrapper(wrapper, method);
  register(declaration);
  return wrapper;
}

/** While legacy decorators run, the class still has the original method, whatever wraps it below this decorator. */
function sourceOf(pristine: unknown): Method | undefined {
  if (typeof pristine !== 'function') return undefined;
  return decoratedMethod(pristine)?.original ?? (pristine as Method);
}

function refuseConflicts(subject: Subject, declarations: readonly Declaration[]): void {
  if (declarations.filter(({ kind }) => kind === 'cacheable').length > 1) {
    throw new ConflictingDecoratorsError({
      subject: describeSubject(subject),
      expected: 'one @Cacheable or @CacheableMany on a method',
      got: 'a second one',
    });
  }
  const caches = new Set(declarations.map(({ cache }) => cache).filter((cache) => cache !== undefined));
  if (caches.size > 1) {
    throw new ConflictingDecoratorsError({
      subject: describeSubject(subject),
      expected: 'one cache for all decorators of a method, whose work is one operation',
      got: `${caches.size} different 'cache' options`,
      remedy: "Give 'cache' once: it applies to all decorators of the method.",
    });
  }
}

function notAMethod(decorator: string, subject: string, got: string): DecoratorTargetError {
  return new DecoratorTargetError({
    subject: `${decorator} on ${subject}`,
    expected: 'an asynchronous method of a class',
    got,
  });
}
