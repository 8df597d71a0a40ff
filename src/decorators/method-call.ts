/**
 * One call of a decorated method that no L1 entry answered: it runs the method, with its puts and invalidations, or has
 * the engine do so on a miss.
 */
import type { Policy } from '../contract/engine';
import { isUnrenderable } from '../contract/errors';
import type { CacheableDeclaration, DecoratedMethod, Method } from '../registry/declarations';
import type { Binding } from './binding';
import { overrideAnswers } from './override';
import { byResult } from './result-ttl';
import { expectPromise } from './sync-method';
import { beginOperation, runOperation } from './write-operation';

export class MethodCall {
  constructor(
    private readonly method: DecoratedMethod,
    private readonly wrapper: Method,
    private readonly binding: Binding,
    private readonly self: unknown,
    private readonly args: unknown[],
  ) {}

  /** The answer of L2 or, on a miss, of the method; its puts and invalidations then run with it, and only then. */
  readThrough(key: string, policy: Policy, read: CacheableDeclaration): PromiseLike<unknown> {
    const { engine } = this.binding;
    const { unless, tags, storing } = read;
    const { ttl } = storing;
    const ownPolicy =
      typeof ttl === 'function' ? byResult(engine, policy, ttl, this.self, this.args) : policy;
    if (unless === undefined && tags === undefined) {
      return engine.readThrough(
        key,
        ownPolicy,
        read.loadContext ? (_load) => this.perform() : () => this.perform(),
      );
    }
    const known = this.#rendered(policy, () => tags?.known(this.self, this.args) ?? []);
    if (known === undefined) {
      engine.countUncached(policy);
      return this.perform();
    }
    // Evaluated within the load, so that an error is the load's failure and reaches every caller that waits for it.
    let late: readonly string[] | undefined = [];
    let refused = false;
    const load = async (): Promise<unknown> => {
      const result = await this.perform();
      refused = unless?.call(this.self, this.args, result) ?? false;
      if (!refused && tags?.ofResult !== undefined) {
        const { ofResult } = tags;
        late = this.#rendered(policy, () => ofResult.call(this.self, this.args, result));
      }
      return result;
    };
    const entryTags = tags && { known, ofValue: tags.ofResult && (() => late ?? []) };
    const loader = read.loadContext ? (_load: unknown) => load() : load;
    return engine.readThrough(key, ownPolicy, loader, () => !refused && late !== undefined, entryTags);
  }

  /** `undefined`, and reported, if a value of the call or of its result cannot be rendered: nothing is stored then. */
  #rendered<T>(policy: Policy, render: () => T): T | undefined {
    try {
      return render();
    } catch (error) {
      if (!isUnrenderable(error)) throw error;
      this.binding.engine.reportUnrenderable(policy, error);
      return undefined;
    }
  }

  /** Runs the method with the puts and invalidations of this call. */
  perform(): PromiseLike<unknown> {
    const { engine, puts } = this.binding;
    const { original, identity, declarations } = this.method;
    const invalidations = declarations.filter((declaration) => declaration.kind === 'invalidate');
    const run = () => expectPromise(original.apply(this.self, this.args), identity);
    const overridden = (key: string) => overrideAnswers(this.self, this.wrapper, this.method, this.args, key);
    const site = { engine, label: identity.label };
    const operation = beginOperation(this.self, this.args, puts, invalidations, overridden, site);
    return operation === undefined ? run() : runOperation(engine, operation, run);
  }
}
