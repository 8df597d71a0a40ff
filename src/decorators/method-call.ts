/**
 * One call of a decorated method that no L1 entry answered: it runs the method, with its puts and invalidations, or has
 * the engine do so on a miss.
 */
import type { Policy } from '../contract/engine';
import type { CacheableDeclaration, DecoratedMethod, Method } from '../registry/declarations';
import type { Binding } from './binding';
import { overrideAnswers } from './override';
import { expectPromise } from './sync-method';
import { tagsOfCall } from './tag-source';
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
  readThrough(key: string, policy: Policy, { unless, tags }: CacheableDeclaration): Promise<unknown> {
    const { engine } = this.binding;
    const entryTags = tags && tagsOfCall(tags, this.self, this.args);
    if (unless === undefined) {
      return engine.readThrough(key, policy, () => this.perform(), undefined, entryTags);
    }
    // Evaluated within the load, so that what it throws is the load's failure and reaches everybody who waits for it.
    let refused = false;
    const load = async (): Promise<unknown> => {
      const result = await this.perform();
      refused = unless.call(this.self, this.args, result);
      return result;
    };
    return engine.readThrough(key, policy, load, () => !refused, entryTags);
  }

  /** Runs the method with the puts and invalidations of this call. */
  perform(): PromiseLike<unknown> {
    const { engine, puts } = this.binding;
    const { original, identity, declarations } = this.method;
    const invalidations = declarations.filter((declaration) => declaration.kind === 'invalidate');
    const run = () => expectPromise(original.apply(this.self, this.args), identity);
    const overridden = (key: string) => overrideAnswers(this.self, this.wrapper, this.method, this.args, key);
    const operation = beginOperation(
      this.self,
      this.args,
      puts,
      invalidations,
      overridden,
      engine,
      identity.label,
    );
    return operation === undefined ? run() : runOperation(engine, operation, run);
  }
}
