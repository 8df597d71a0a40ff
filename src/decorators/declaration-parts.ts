/**
 * The parts that declarations of different decorators have in common, and the options as the registry sees them:
 * checked when the class was defined, with the types of the method left behind.
 */
import type { ReadingOptions } from '../config/options';
import type { CacheSource, Condition, Declaration, ResultCallback } from '../registry/declarations';
import type { Subject } from './subject';

/** The options of all decorators, after their check and without the types that only the method's author can use. */
export interface CheckedOptions extends ReadingOptions {
  readonly when?: Condition | undefined;
  readonly unless?: ResultCallback<boolean> | undefined;
  readonly loadContext?: boolean | undefined;
  readonly value?: ResultCallback<unknown> | undefined;
  readonly created?: boolean | undefined;
  readonly shared?: boolean | undefined;
  readonly by?: string | ((item: unknown) => unknown) | undefined;
  readonly into?: 'array' | 'map' | 'record' | undefined;
  readonly tags?: unknown;
  readonly params?: readonly string[] | undefined;
  readonly vars?: ((this: unknown, ...args: never[]) => Record<string, unknown>) | undefined;
  readonly name?: string | undefined;
  readonly cache?: CacheSource | undefined;
  readonly timing?: 'before' | 'after' | 'around' | undefined;
  readonly on?: 'success' | 'always' | undefined;
}

export function declaredOnMethod(
  subject: Subject,
  templates: readonly string[],
  options: CheckedOptions,
): Pick<Declaration, 'method' | 'templates' | 'shared' | 'name' | 'cache' | 'when'> {
  return {
    method: subject.identity,
    templates,
    shared: options.shared ?? false,
    name: options.name,
    cache: options.cache,
    when: options.when,
  };
}
