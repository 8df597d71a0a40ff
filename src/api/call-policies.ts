/**
 * The storing options of calls (`getOrSet`, `set`), compiled once for each combination that is used. Decorators keep
 * what they compile themselves.
 */
import type { ReadingOptions } from '../config/options';
import type { Policy } from '../contract/engine';

const MAX_POLICIES = 1_000;

export class Policies {
  readonly #compile: (options: ReadingOptions, label: string) => Policy;
  readonly #compiled = new Map<string, Policy>();

  constructor(compile: (options: ReadingOptions, label: string) => Policy) {
    this.#compile = compile;
  }

  /** @param method the label, unless the options have a `name` */
  of(method: string, options: ReadingOptions & { readonly name?: string } = {}): Policy {
    const { ttl, nullTtl, staleFor, version, tiers, refreshAhead, timeout, name = method } = options;
    const perTier = typeof ttl === 'object' && ttl !== null;
    const id = `${name}|${perTier ? `${ttl.l1}/${ttl.l2}` : ttl}|${nullTtl}|${staleFor}|${version}|${tiers}|${refreshAhead}|${timeout?.soft}|${timeout?.hard}`;
    let policy = this.#compiled.get(id);
    if (policy === undefined) {
      policy = this.#compile(options, name);
      // Options are few and written down; who makes them up at run time must not fill memory.
      if (this.#compiled.size >= MAX_POLICIES) this.#compiled.clear();
      this.#compiled.set(id, policy);
    }
    return policy;
  }
}
