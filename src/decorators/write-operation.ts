/**
 * What the puts and invalidations on one method do at one call, as one operation (P25). Everything that the arguments
 * alone decide is computed before the method runs: a missing value rejects the call while nothing has happened, and the
 * method cannot change it by changing its arguments. What needs the result is computed once the method has succeeded.
 */
import type {
  EnginePort,
  Outcome,
  Policy,
  PutStep,
  TagSource,
  Target,
  WriteOperation,
} from '../contract/engine';
import { isUnrenderable } from '../contract/errors';
import type { InvalidateDeclaration, PutDeclaration } from '../registry/declarations';
import type { CompiledPut } from './binding';
import { byResult } from './result-ttl';

/** What the arguments of a call say of its invalidations. */
interface Invalidations {
  readonly before: Target[];
  readonly around: Target[];
  readonly onSuccess: Target[];
  readonly always: Target[];
  readonly needingResult: Late[];
  /** The first event among them, for the record. */
  event: string | undefined;
}

/** What can be bound only once the method has a result. */
type Late = (self: unknown, args: readonly unknown[], result: unknown) => readonly Target[];

/** What an operation needs to know of its method and its cache. */
interface OperationSite {
  readonly engine: EnginePort;
  readonly label: string;
}

/**
 * A value of the call that cannot be rendered names no entry, since no read can have stored one under it: there is nothing
 * to store or to invalidate. The method may mean something else by it, such as many ids, so it is reported each time.
 */
function rendered<T>({ engine, label }: OperationSite, render: () => T): T | undefined {
  try {
    return render();
  } catch (error) {
    if (!isUnrenderable(error)) throw error;
    engine.reportFault({ operation: 'render', method: label, error });
    return undefined;
  }
}

/**
 * @param overridden whether an override of the method answers for the key; it then does the put
 * @returns `undefined` if there is nothing to do at this call
 * @throws what a `when` or a key throws; nothing has happened then
 */
export function beginOperation(
  self: unknown,
  args: readonly unknown[],
  puts: readonly CompiledPut[],
  invalidations: readonly InvalidateDeclaration[],
  overridden: (key: string) => boolean,
  site: OperationSite,
): CallOperation | undefined {
  const targets = bindInvalidations(self, args, invalidations, site);
  const { before, around, onSuccess, always, needingResult } = targets;
  const known = [...before, ...around, ...onSuccess, ...always];
  const pending: PendingPut[] = [];
  const creating: CompiledPut[] = [];
  for (const put of puts) {
    const { declaration, policy } = put;
    if (declaration.when !== undefined && !declaration.when.call(self, args)) continue;
    if (declaration.lateTarget !== undefined) {
      const { lateTarget } = declaration;
      if (declaration.created) {
        creating.push(put);
        continue;
      }
      needingResult.push((...call) => lateTarget.bind(...call));
      continue;
    }
    const key = rendered(site, () => declaration.keyOf(self, args));
    if (key === undefined) continue;
    // Of a put and an invalidation of one key the invalidation wins, and of two puts the outer one.
    const taken = known.some((target) => target.matches(key)) || pending.some((put) => put.key === key);
    if (!taken && !overridden(key)) pending.push(new PendingPut(key, policy, declaration, self, args, site));
  }
  const isEmpty = known.length + needingResult.length + pending.length + creating.length === 0;
  return isEmpty ? undefined : new CallOperation(site, self, args, pending, creating, targets);
}

function bindInvalidations(
  self: unknown,
  args: readonly unknown[],
  declarations: readonly InvalidateDeclaration[],
  site: OperationSite,
): Invalidations {
  const bound: Invalidations = {
    before: [],
    around: [],
    onSuccess: [],
    always: [],
    needingResult: [],
    event: undefined,
  };
  for (const { when, timing, on, targets, tagTargets, event } of declarations) {
    if (when !== undefined && !when.call(self, args)) continue;
    const known = timing === 'after' ? (on === 'always' ? bound.always : bound.onSuccess) : bound[timing];
    for (const target of [...tagTargets, ...targets]) {
      if (target.needsResult) bound.needingResult.push((...call) => target.bind(...call));
      else known.push(...(rendered(site, () => target.bind(self, args)) ?? []));
    }
    if (event === undefined) continue;
    bound.event ??= event.event;
    // An event that the configuration does not have rejects before the method runs, even if its data need the result.
    const binds = site.engine.event(event.event);
    if (event.needsResult) {
      // The data are computed once, and a pattern that cannot be bound must not take the others along.
      let data: Readonly<Record<string, unknown>> | undefined;
      for (const bind of binds) {
        bound.needingResult.push((...call) => {
          data ??= event.data(...call);
          return [bind(data)];
        });
      }
      continue;
    }
    const data = event.data(self, args);
    for (const bind of binds) {
      const target = rendered(site, () => bind(data));
      if (target !== undefined) known.push(target);
    }
  }
  return bound;
}

/** Runs the method within its operation. Rejects with the method's own error, unchanged. */
export async function runOperation(
  engine: EnginePort,
  operation: CallOperation,
  method: () => PromiseLike<unknown>,
): Promise<unknown> {
  const result = await engine.changes.write(operation, async () => {
    const value = await method();
    operation.settle(value);
    return value;
  });
  operation.throwFault();
  return result;
}

export class CallOperation implements WriteOperation<unknown> {
  readonly puts: readonly PendingPut[];
  readonly created: (() => readonly PendingPut[]) | undefined;
  readonly before: readonly Target[];
  readonly around: readonly Target[];
  readonly event: string | undefined;
  readonly label: string;
  readonly #site: OperationSite;
  readonly #self: unknown;
  readonly #args: readonly unknown[];
  readonly #targets: Invalidations;
  readonly #late: Target[] = [];
  readonly #creating: readonly CompiledPut[];
  readonly #created: PendingPut[] = [];
  #fault: { readonly error: unknown } | undefined;

  constructor(
    site: OperationSite,
    self: unknown,
    args: readonly unknown[],
    puts: readonly PendingPut[],
    creating: readonly CompiledPut[],
    targets: Invalidations,
  ) {
    this.#site = site;
    this.label = site.label;
    this.#self = self;
    this.#args = args;
    this.puts = puts;
    this.#creating = creating;
    this.created = creating.length === 0 ? undefined : () => this.#created;
    this.before = targets.before;
    this.around = targets.around;
    this.event = targets.event;
    this.#targets = targets;
  }

  /** Computes what needs the result. A callback that throws must not prevent the others. */
  settle(result: unknown): void {
    for (const bind of this.#targets.needingResult) {
      this.#guard(() => this.#late.push(...bind(this.#self, this.#args, result)));
    }
    for (const put of this.puts) {
      if (this.#late.some((target) => target.matches(put.key))) continue;
      this.#guard(() => put.settle(this.#self, this.#args, result));
    }
    for (const put of this.#creating) this.#guard(() => this.#create(put, result));
  }

  #create({ declaration, policy }: CompiledPut, result: unknown): void {
    const key = declaration.keyOf(this.#self, this.#args, result);
    const { onSuccess, always } = this.#targets;
    const isTaken =
      [...onSuccess, ...always, ...this.#late].some((target) => target.matches(key)) ||
      [...this.puts, ...this.#created].some((put) => put.key === key);
    if (isTaken) return;
    const put = new PendingPut(key, policy, declaration, this.#self, this.#args, this.#site);
    this.#created.push(put);
    put.settle(this.#self, this.#args, result);
  }

  after(outcome: Outcome<unknown>): readonly Target[] {
    const { onSuccess, always } = this.#targets;
    return outcome.ok ? [...onSuccess, ...always, ...this.#late] : always;
  }

  /** Throws the first error of the user's callbacks, once everything else has been done. */
  throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  #guard(compute: () => void): void {
    try {
      rendered(this.#site, compute);
    } catch (error) {
      this.#fault ??= { error };
    }
  }
}

/** A put of one call. It is not storable until it is settled, so that any failure ends in an invalidation. */
class PendingPut implements PutStep<unknown> {
  readonly policy: Policy;
  readonly tags: TagSource<unknown> | undefined;
  #result: unknown;
  /** Without its tags it must not be stored: it is never settled, and so ends in an invalidation. */
  readonly #hasTags: boolean;
  #storable = false;
  #value: unknown;
  #lateTags: readonly string[] = [];

  constructor(
    readonly key: string,
    policy: Policy,
    readonly declaration: PutDeclaration,
    self: unknown,
    args: readonly unknown[],
    site: OperationSite,
  ) {
    this.policy = byResult(site.engine, policy, declaration.storing.ttl, self, args, () => this.#result);
    const { tags } = declaration;
    const known = rendered(site, () => tags?.known(self, args) ?? []);
    this.#hasTags = known !== undefined;
    this.tags = tags && known && { known, ofValue: tags.ofResult && (() => this.#lateTags) };
  }

  settle(self: unknown, args: readonly unknown[], result: unknown): void {
    const { unless, value, tags } = this.declaration;
    this.#result = result;
    if (!this.#hasTags || unless?.call(self, args, result)) return;
    this.#value = value === undefined ? result : value.call(self, args, result);
    if (tags?.ofResult !== undefined) this.#lateTags = tags.ofResult.call(self, args, result);
    this.#storable = true;
  }

  value(): unknown {
    return this.#value;
  }

  storable(): boolean {
    return this.#storable;
  }
}
