/**
 * The storing options of calls (`getOrSet`, `set`), compiled once for each combination that is used. Decorators keep
 * what they compile themselves.
 */
import type { ReadingOptions } from '../config/options';
import { areSameStoring, storingOptions } from '../config/storing-options';
import type { Policy } from '../contract/engine';

/** Options are few and written down. A caller that computes them at run time must not fill memory. */
const MAX_LABELS = 1_000;
const MAX_PER_LABEL = 16;

interface Compiled {
  readonly options: ReadingOptions;
  readonly policy: Policy;
}

const NO_OPTIONS: ReadingOptions & { readonly name?: string } = {};

export class Policies {
  readonly #compile: (options: ReadingOptions, label: string) => Policy;
  readonly #compiled = new Map<string, Compiled[]>();

  constructor(compile: (options: ReadingOptions, label: string) => Policy) {
    this.#compile = compile;
  }

  /** @param method the label, unless the options have a `name` */
  of(method: string, options: ReadingOptions & { readonly name?: string } = NO_OPTIONS): Policy {
    const label = options.name ?? method;
    const compiled = this.#compiled.get(label);
    if (compiled !== undefined) {
      for (const known of compiled) {
        if (!areSameStoring(known.options, options)) continue;
        const { revive, schema } = options;
        // Often made at each call.
        return revive === known.options.revive && schema === known.options.schema
          ? known.policy
          : { ...known.policy, revive, schema };
      }
    }
    return this.#add(label, options);
  }

  #add(label: string, options: ReadingOptions): Policy {
    const policy = this.#compile(options, label);
    let compiled = this.#compiled.get(label);
    if (compiled === undefined) {
      if (this.#compiled.size >= MAX_LABELS) this.#compiled.clear();
      compiled = [];
      this.#compiled.set(label, compiled);
    }
    if (compiled.length >= MAX_PER_LABEL) compiled.shift();
    compiled.push({ options: storingOptions(options), policy });
    return policy;
  }
}
