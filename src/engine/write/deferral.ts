/**
 * `defer` (P26): what is invalidated inside it waits until it has succeeded. From the moment that a name is collected a
 * write lease stands there, so that no process stores what it reads before the transaction commits, and a process that dies
 * in between leaves nothing stale. Inside, collected keys are read past the cache.
 */
import type { Target, WriteOperation } from '../../contract/engine';
import type { EngineContext } from '../runtime/context';
import { callScopes } from '../runtime/scopes';
import { EVERYTHING, type Invalidations, keyTarget, type Removal, removalOf, sumOf } from './invalidation';
import { outcomeOf } from './outcome-of';
import { WriteLeaseSet } from './write-lease-set';
import type { Write } from './writes';

export class Deferral {
  /** Whose scope it is: other caches of the process are not concerned. */
  readonly context: EngineContext;
  readonly #invalidation: Invalidations;
  readonly #held: WriteLeaseSet;
  readonly #keys = new Set<string>();
  readonly #patterns: Target[] = [];
  /** No write lease stands for these: patterns that nobody declared, and everything. */
  readonly #atCommit: Target[] = [];

  constructor(context: EngineContext, invalidation: Invalidations) {
    this.context = context;
    this.#invalidation = invalidation;
    this.#held = new WriteLeaseSet(context, invalidation);
  }

  /** Whether the key is one of those that will be invalidated. */
  covers(key: string): boolean {
    return this.#keys.has(key) || this.#patterns.some((pattern) => pattern.matches(key));
  }

  async collect(targets: readonly Target[]): Promise<Removal> {
    for (const target of targets) {
      if (target.kind === 'key') this.#keys.add(target.text);
      else if (target.kind === 'pattern') this.#patterns.push(target);
    }
    const { names, undeclared } = await this.#invalidation.resolve(
      targets.filter((target) => target !== EVERYTHING),
    );
    this.#atCommit.push(...undeclared);
    if (targets.includes(EVERYTHING)) this.#atCommit.push(EVERYTHING);
    return removalOf(names, await this.#held.take(names));
  }

  /** A method that writes: what its decorators ask for is collected; what it would put may never be committed. */
  async write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<Write<V>> {
    const { before, around, puts } = operation;
    const first = [...before, ...around, ...puts.map(({ key }) => keyTarget(key))];
    const begun = await this.collect(first);
    const outcome = await outcomeOf(run);
    try {
      const created = (outcome.ok && operation.created?.()) || [];
      const after = [...operation.after(outcome), ...created.map(({ key }) => keyTarget(key))];
      const removal = sumOf([begun, await this.collect(after)]);
      return { outcome, replaced: [], removed: [...first, ...after], removal };
    } catch (error) {
      throw outcome.ok ? error : outcome.error;
    }
  }

  async around<V>(targets: readonly Target[], run: () => V | PromiseLike<V>): Promise<Write<V>> {
    const removal = await this.collect(targets);
    return { outcome: await outcomeOf(run), replaced: [], removed: targets, removal };
  }

  /** The transaction has succeeded. */
  async commit(): Promise<void> {
    await Promise.all([this.#held.release(), this.#invalidation.targets(this.#atCommit)]);
  }

  /** It has failed: nothing has changed. */
  async rollBack(): Promise<void> {
    await this.#held.release();
  }
}

/** The deferral of this cache that the caller runs in. */
export function deferralOf(context: EngineContext): Deferral | undefined {
  return callScopes.find(
    (content): content is Deferral => content instanceof Deferral && content.context === context,
  );
}

/** A deferral inside another one of the same cache is part of it: what it collects waits for the outer one. */
export async function defer<T>(
  context: EngineContext,
  invalidation: Invalidations,
  fn: () => T | PromiseLike<T>,
): Promise<T> {
  if (deferralOf(context) !== undefined) return fn();
  const deferral = new Deferral(context, invalidation);
  let result: T;
  try {
    result = await callScopes.run(deferral, async () => fn());
  } catch (error) {
    await deferral.rollBack();
    throw error;
  }
  await deferral.commit();
  return result;
}
