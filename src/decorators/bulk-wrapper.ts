/**
 * The function that takes the place of a method with `@CacheableMany`: one entry per element, and one call of the method
 * with the elements that have none. The engine leases, joins and stores each element as a key of a batch (P18).
 */
import type { EachOfBatch } from '../contract/engine';
import { isUnrenderable } from '../contract/errors';
import type {
  BulkDeclaration,
  CacheableDeclaration,
  DecoratedMethod,
  Method,
} from '../registry/declarations';
import type { Binding, Bindings } from './binding';
import { itemsOf, resultFrom } from './bulk-result';
import { warnOfNoCache } from './cache-access';
import { MethodCall } from './method-call';
import { overrideAnswers } from './override';
import { byResult } from './result-ttl';

export function createBulkWrapper(
  method: DecoratedMethod,
  read: CacheableDeclaration,
  bulk: BulkDeclaration,
  bindings: Pick<Bindings, 'for'>,
): Method {
  const wrapper: Method = function (this: unknown, ...args: unknown[]): unknown {
    try {
      const cache = method.cacheOf(this);
      if (cache === undefined) {
        warnOfNoCache(method, this);
        return method.original.apply(this, args);
      }
      const binding = bindings.for(cache, this);
      const run = (given: unknown[]) => new MethodCall(method, wrapper, binding, this, given).perform();
      if (!binding.engine.active || read.when?.call(this, args) === false) {
        binding.engine.countUncached(binding.readPolicy!);
        return run(args);
      }
      const elements = entriesOf(binding, read, bulk, this, args);
      const [first] = elements ?? [];
      if (elements === undefined || (first && overrideAnswers(this, wrapper, method, args, first.key))) {
        return run(args);
      }
      return readBulk(method, binding, read, bulk, this, args, elements, run);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrapper;
}

interface Element {
  readonly key: string;
  readonly element: unknown;
  /** Those that the arguments tell. */
  readonly tags: readonly string[];
}

/** `undefined`, and reported, if a value of the call cannot be part of a key or tag: the method then runs uncached. */
function entriesOf(
  { engine, readPolicy }: Binding,
  { keyOf, tags }: CacheableDeclaration,
  { list }: BulkDeclaration,
  self: unknown,
  args: readonly unknown[],
): readonly Element[] | undefined {
  try {
    return list.of(args).map((element) => ({
      key: keyOf(self, args, undefined, element),
      element,
      tags: tags?.known(self, args, element) ?? [],
    }));
  } catch (error) {
    if (!isUnrenderable(error)) throw error;
    engine.countUncached(readPolicy!);
    engine.reportUnrenderable(readPolicy!, error);
    return undefined;
  }
}

async function readBulk(
  { identity }: DecoratedMethod,
  { engine, readPolicy }: Binding,
  { storing, unless, tags }: CacheableDeclaration,
  bulk: BulkDeclaration,
  self: unknown,
  args: readonly unknown[],
  elements: readonly Element[],
  run: (args: unknown[]) => PromiseLike<unknown>,
): Promise<unknown> {
  const policy = readPolicy!;
  const byKey = new Map(elements.map((element) => [element.key, element]));
  const load = async (missing: readonly string[]): Promise<ReadonlyMap<string, unknown>> => {
    const wanted = missing.map((key) => byKey.get(key)!.element);
    const itemOf = itemsOf(bulk, wanted, await run(bulk.list.replaced(args, wanted)), identity.label);
    return new Map(missing.map((key, index) => [key, itemOf(wanted[index])]));
  };
  const each: EachOfBatch<unknown> = {
    policyOf:
      typeof storing.ttl === 'function' ? () => byResult(engine, policy, storing.ttl, self, args) : undefined,
    storable: unless && ((_key, item) => !unless.call(self, args, item)),
    tagsOf:
      tags &&
      ((key) => ({
        known: byKey.get(key)!.tags,
        ofValue: tags.ofResult && ((item) => tags.ofResult!.call(self, args, item)),
      })),
  };
  const keys = elements.map(({ key }) => key);
  const found = await engine.readMany(keys, policy, load, each);
  return resultFrom(
    bulk,
    elements.map(({ element }) => element),
    keys.map((key) => found.get(key)),
  );
}
