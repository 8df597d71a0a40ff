/**
 * What a decorated method needs of one cache: its engine and the storing options compiled against its configuration.
 * Made at the first call with that cache and kept, since classes are defined before caches are created.
 */
import type { EnginePort, Policy } from '../contract/engine';
import { contextRequired, missingContext } from '../keys/required-context';
import { parseTemplate } from '../keys/template';
import {
  type Declaration,
  type DecoratedMethod,
  learnOwner,
  type PutDeclaration,
} from '../registry/declarations';
import type { DecoratedCache } from '../registry/default-cache';

export interface Binding {
  readonly engine: EnginePort;
  /** Of the `@Cacheable` on the method, if there is one. */
  readonly readPolicy: Policy | undefined;
  readonly puts: readonly CompiledPut[];
}

export interface CompiledPut {
  readonly declaration: PutDeclaration;
  readonly policy: Policy;
}

const bindings = new WeakMap<DecoratedMethod, Bindings>();

/** The bindings of a method: one object for all callers, so that its options are compiled once per cache. */
export function bindingsOf(method: DecoratedMethod): Bindings {
  let found = bindings.get(method);
  if (found === undefined) {
    found = new Bindings(method);
    bindings.set(method, found);
  }
  return found;
}

export class Bindings {
  readonly #method: DecoratedMethod;
  readonly #made = new WeakMap<DecoratedCache, Binding>();
  #lastCache: DecoratedCache | undefined;
  #last: Binding | undefined;

  constructor(method: DecoratedMethod) {
    this.#method = method;
  }

  /** The last cache, nearly always the only one, is found without a lookup. @throws what `compile` throws */
  for(cache: DecoratedCache, self: unknown): Binding {
    if (this.#last !== undefined && cache === this.#lastCache) return this.#last;
    let binding = this.#made.get(cache);
    if (binding === undefined) {
      learnOwner(this.#method, self);
      binding = bind(this.#method, cache);
      this.#made.set(cache, binding);
    }
    this.#lastCache = cache;
    this.#last = binding;
    return binding;
  }
}

/** @throws ContextRequiredError (`TIERCEL_CONTEXT_REQUIRED`) */
function refuseWithoutContext({ shared, templates, method }: Declaration, required: readonly string[]): void {
  if (shared || required.length === 0) return;
  const [template] = templates;
  const missing = missingContext(
    template === undefined ? [] : parseTemplate(template).placeholders,
    required,
  );
  if (missing.length > 0) throw contextRequired(method.label, template, missing);
}

function bind({ declarations, identity }: DecoratedMethod, cache: DecoratedCache): Binding {
  let readPolicy: Policy | undefined;
  const puts: CompiledPut[] = [];
  for (const declaration of declarations) {
    if (declaration.kind === 'invalidate') continue;
    refuseWithoutContext(declaration, cache.engine.requiredContext);
    const policy = cache.compile(declaration.storing, declaration.name ?? identity.label);
    if (declaration.kind === 'cacheable') readPolicy = policy;
    else puts.push({ declaration, policy });
  }
  return { engine: cache.engine, readPolicy, puts };
}
