/**
 * Makes a wrapper look like the method that it stands for, so that frameworks which keep routes, guards and schemas on the
 * function itself find them, whichever side of our decorator theirs is on; and writes our own declarations there too.
 */
import type { Declaration, Method } from '../registry/declarations';
import { copyMetadata, writeMetadata } from './reflect-metadata';

/** The metadata key of a decorated method's declarations: a list of `DeclarationMetadata`, the outermost first. */
const DECLARATIONS = 'tiercel:declarations';

/** Copies all own properties (`name` and `length` are among them) and all own metadata. */
export function disguise(wrapper: Method, method: Method): void {
  for (const key of Reflect.ownKeys(method)) {
    Object.defineProperty(wrapper, key, Object.getOwnPropertyDescriptor(method, key)!);
  }
  copyMetadata(method, wrapper);
}

/** What other frameworks can read about a decorated method. */
export interface DeclarationMetadata {
  readonly kind: Declaration['kind'];
  /** Empty where a function computes the keys. */
  readonly templates: readonly string[];
  /** As written; `undefined` where the declaration has none. */
  readonly ttl: unknown;
  /** The metric label. */
  readonly name: string;
}

export function declareInMetadata(wrapper: Method, declarations: readonly Declaration[]): void {
  const described = declarations.map(
    (declaration): DeclarationMetadata => ({
      kind: declaration.kind,
      templates: declaration.templates,
      ttl: declaration.kind === 'invalidate' ? undefined : declaration.storing.ttl,
      name: declaration.name ?? declaration.method.label,
    }),
  );
  writeMetadata(DECLARATIONS, described, wrapper);
}
