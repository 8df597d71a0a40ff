/**
 * What a decorator learns about the method that it stands on, whichever decorator mode called it.
 */
import type { Method } from '../registry/declarations';
import type { MethodIdentity } from '../registry/method-identity';

export interface Subject {
  /** `'@Cacheable'`, for messages. */
  readonly decorator: string;
  readonly identity: MethodIdentity;
  /** The method as it was written, or somebody else's wrapper of it. */
  readonly original: Method;
  /** The function whose source has the parameter names: the method as written, wherever that can still be seen. */
  readonly source: Method;
}

/** `'@Cacheable on Service.stats'` */
export function describeSubject({ decorator, identity }: Subject): string {
  return `${decorator} on ${identity.label}`;
}
