/**
 * Writing: one run of a method with everything that is declared on it, as one operation (P22, P25), and `set` (P23).
 * A put is begun before the method runs, by observing the entry or placing a write lease, and committed after it by
 * compare-and-set; if anything changed meanwhile, nothing is stored and nothing old remains.
 */
import { every } from '../../contract/clock';
import type { Outcome, PutStep, Target, WriteOperation } from '../../contract/engine';
import { PatternInputError, UnacknowledgedError } from '../../contract/errors';
import type { NewEntry, PutBegin } from '../../contract/l2';
import { newToken } from '../../contract/tokens';
import { newEntry, packedEntry } from '../entry/new-entry';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import type { Snapshot } from '../validity/snapshots';
import { captureTags, completeTags, type TagCapture, untagged } from '../validity/tagging';
import { type Invalidations, type Removal, removalOf, sumOf } from './invalidation';
import { outcomeOf } from './outcome-of';
import { WriteLeaseSet } from './write-lease-set';

/** What a write has done: its own end, and what it changed in the cache. */
export interface Write<V> {
  readonly outcome: Outcome<V>;
  /** Keys that a put has replaced, or tried to. */
  readonly replaced: readonly string[];
  readonly removed: readonly Target[];
  readonly removal: Removal;
}

interface BegunPut<V> {
  readonly step: PutStep<V>;
  readonly policy: CompiledPolicy;
  readonly begin: PutBegin;
  /** Of the moment before the method ran; undefined where L2 did not tell. */
  readonly capture: TagCapture | undefined;
  readonly fence: Fence;
}

export class Writes {
  readonly #context: EngineContext;
  readonly #invalidation: Invalidations;
  /** Of the writes whose method runs now. */
  readonly #ends = new Set<() => Promise<unknown>>();

  constructor(context: EngineContext, invalidation: Invalidations) {
    this.#context = context;
    this.#invalidation = invalidation;
  }

  /** With `storing: false` puts store nothing; what they and the others would have replaced is removed all the same. */
  async run<V>(
    operation: WriteOperation<V>,
    run: () => V | PromiseLike<V>,
    storing: boolean,
  ): Promise<Write<V>> {
    const token = newToken();
    const held = new WriteLeaseSet(this.#context, this.#invalidation);
    const [removedBefore, , puts, epoch] = await Promise.all([
      this.#invalidation.targets(operation.before),
      this.#take(held, operation.around),
      Promise.all(operation.puts.map((step) => this.#begin(step, token, storing))),
      storing && operation.created !== undefined ? this.#context.snapshots.tagEpoch() : undefined,
    ]);
    const renewal = this.#renew(puts, token);
    const outcome = await this.#untilClosed(run, () => {
      const withdrawn = puts.map((put) => this.#withdraw(put, token));
      return Promise.all([
        held.release(),
        ...withdrawn,
        this.#invalidation.deliver(puts.map(({ step }) => step.key)),
      ]);
    });
    this.#context.clock.clearInterval(renewal);
    const released = held.release();
    try {
      const targets = operation.after(outcome);
      const created = (outcome.ok && operation.created?.()) || [];
      const [removedAfter, removedAround] = await Promise.all([
        this.#invalidation.targets(targets),
        released,
        ...puts.map((put) =>
          outcome.ok && !targets.some((target) => target.matches(put.step.key))
            ? this.#commit(put, token, outcome.value, () => this.#invalidation.announce(put.step.key))
            : this.#withdraw(put, token),
        ),
        ...created.map((step) => this.#create(step, token, epoch, outcome)),
      ]);
      const replaced = outcome.ok
        ? [...puts.map(({ step }) => step.key), ...created.map(({ key }) => key)]
        : [];
      const { outbox } = this.#context;
      const isPutDone = !replaced.some((key) => outbox.has(key));
      return {
        outcome,
        replaced,
        removed: [...operation.before, ...operation.around, ...targets],
        removal: sumOf([removedBefore, removedAround, removedAfter, removalOf(replaced, isPutDone)]),
      };
    } catch (error) {
      // A callback of the application's failed. The method has run: what it may have changed must not stay.
      await this.#invalidation.deliver(puts.map((put) => put.step.key));
      throw outcome.ok ? error : outcome.error;
    } finally {
      await released;
      for (const { fence } of puts) this.#context.fences.close(fence);
    }
  }

  /** `close` has waited for long enough: what the methods that still run may change is invalidated. */
  async end(): Promise<void> {
    await Promise.all([...this.#ends].map((end) => end()));
  }

  async #untilClosed<V>(run: () => V | PromiseLike<V>, end: () => Promise<unknown>): Promise<Outcome<V>> {
    this.#ends.add(end);
    try {
      return await outcomeOf(run);
    } finally {
      this.#ends.delete(end);
    }
  }

  async #take(held: WriteLeaseSet, targets: readonly Target[]): Promise<void> {
    if (targets.length === 0) return;
    const { names } = await this.#invalidation.resolve(targets);
    await held.take(names);
  }

  /** The imperative form of `timing: 'around'`. Refuses what no write lease can stand for, before anything is touched. */
  async around<V>(targets: readonly Target[], write: () => V | PromiseLike<V>): Promise<Write<V>> {
    const { names, undeclared } = await this.#invalidation.resolve(targets);
    if (undeclared.length > 0) {
      throw new PatternInputError({
        subject: undeclared[0]!.text,
        expected: 'a declared pattern, since a write lease must stand for it',
        got: 'one that neither the configuration nor a decorator declares',
        remedy: "Add its shape to 'patterns' of the configuration.",
      });
    }
    const held = new WriteLeaseSet(this.#context, this.#invalidation);
    if (!(await held.take(names)) && this.#context.strict) {
      await held.release();
      throw new UnacknowledgedError({
        subject: names.join(', '),
        expected: 'a write lease at each name before the write',
        got: 'no answer of Redis; nothing was written',
      });
    }
    const outcome = await this.#untilClosed(write, () => held.release());
    return { outcome, replaced: [], removed: targets, removal: await held.release() };
  }

  /** Last writer wins, unless a write is under way at the key: then nothing is stored, by neither. */
  async set(key: string, value: unknown, policy: CompiledPolicy, tags: readonly string[]): Promise<boolean> {
    const { l2, fences, l1, snapshots, clock, emit } = this.#context;
    this.#invalidation.drop(key);
    const fence = fences.open(key);
    try {
      const ofKey = snapshots.known(key) ?? (await snapshots.read(key));
      const snapshot = tags.length === 0 ? ofKey : ofKey && (await snapshots.inTags(ofKey, tags));
      const encoded = snapshot && this.#encode(key, value, policy, snapshot);
      const announced = encoded && this.#invalidation.announce(key);
      if (encoded === undefined || !(announced === true || (await announced))) {
        await this.#invalidation.deliver([key]);
        return false;
      }
      const stored = packedEntry(encoded.entry, policy);
      const endsAt = clock.now() + encoded.entry.ttlMs;
      const answer = l2.set(key, stored instanceof Promise ? await stored : stored);
      const { result } = answer instanceof Promise ? await answer : answer;
      fences.void(key, fence);
      l1.drop(key);
      if (result === 'unknown') this.#invalidation.queue(key);
      if (result === 'foreign-type') emit('foreign-value', { key });
      if (result !== 'done') return false;
      policy.counters.l2Sets += 1;
      this.#keep(key, encoded, policy, fence, endsAt);
      return true;
    } finally {
      fences.close(fence);
    }
  }

  async #begin<V>(step: PutStep<V>, token: string, storing: boolean): Promise<BegunPut<V>> {
    const { fences, snapshots, l2 } = this.#context;
    const policy = step.policy as CompiledPolicy;
    const fence = fences.open(step.key);
    if (!storing) return { step, policy, begin: { kind: 'unknown' }, capture: undefined, fence };
    const capture = async (): Promise<TagCapture | undefined> => {
      const snapshot = snapshots.known(step.key) ?? (await snapshots.read(step.key));
      if (snapshot === undefined || step.tags === undefined) return snapshot && untagged(snapshot);
      return captureTags(snapshots, snapshot, step.tags);
    };
    const [begin, captured] = await Promise.all([l2.beginPut(step.key, token), capture()]);
    return { step, policy, begin, capture: captured, fence };
  }

  /**
   * The key was not known while the method ran, so it could not be watched. The epoch stands in for it: whoever changes a
   * key that a put may create removes the epoch first. A write lease keeps the key until the epoch was compared.
   */
  async #create<V>(
    step: PutStep<V>,
    token: string,
    epoch: string | undefined,
    outcome: Outcome<V>,
  ): Promise<void> {
    const { snapshots, fences, l2, l1 } = this.#context;
    const isFree = l2.present || l1.get(step.key, step.policy.version) === undefined;
    const put = await this.#begin(step, token, isFree && epoch !== undefined);
    try {
      const isUnchanged =
        put.begin.kind === 'write-lease' && (await snapshots.tagEpoch({ exact: true })) === epoch;
      if (isUnchanged && outcome.ok) await this.#commit(put, token, outcome.value, () => true);
      else await Promise.all([this.#withdraw(put, token), this.#invalidation.deliver([step.key])]);
    } finally {
      fences.close(put.fence);
    }
  }

  #renew<V>(puts: readonly BegunPut<V>[], token: string) {
    const { clock, l2, background, times } = this.#context;
    const leased = puts.filter(({ begin }) => begin.kind === 'write-lease');
    if (leased.length === 0) return undefined;
    return every(clock, times.leaseMs / 3, () => {
      for (const { step } of leased) background.run('renew a write lease', l2.renewWrite(step.key, token));
    });
  }

  async #commit<V>(
    put: BegunPut<V>,
    token: string,
    result: V,
    announce: () => true | Promise<boolean>,
  ): Promise<void> {
    const { fences, l1, l2, clock, emit } = this.#context;
    const { step, policy, begin, fence } = put;
    const { key } = step;
    const encoded = await this.#encodePut(put, result);
    // Announced only now: that removes the epoch, which the tags of the result were compared with.
    const isUsable = encoded !== undefined && begin.kind !== 'unknown' && begin.kind !== 'foreign-type';
    if (!isUsable || !(await announce())) {
      await Promise.all([this.#withdraw(put, token), this.#invalidation.deliver([key])]);
      return;
    }
    const packing = packedEntry(encoded.entry, policy);
    const stored = packing instanceof Promise ? await packing : packing;
    // Whoever read or loaded this key until now may hold the value from before the method.
    l1.drop(key);
    fences.void(key, fence);
    const endsAt = clock.now() + encoded.entry.ttlMs;
    const verdict = await l2.commitPut(key, begin, token, stored);
    fences.void(key, fence);
    l1.drop(key);
    if (verdict.result === 'unknown') {
      await this.#invalidation.deliver([key]);
    } else if (verdict.result === 'done') {
      policy.counters.l2Sets += 1;
      this.#keep(key, encoded, policy, fence, endsAt);
    } else {
      if (verdict.result === 'foreign-type') emit('foreign-value', { key });
      policy.counters.rejectedFills += 1;
    }
  }

  async #encodePut<V>({ step, policy, capture }: BegunPut<V>, result: V): Promise<Encoded | undefined> {
    if (capture === undefined || !step.storable(result)) return undefined;
    const tags = step.tags?.ofValue?.(result) ?? [];
    const snapshot = await completeTags(this.#context.snapshots, capture, tags);
    return snapshot && this.#encode(step.key, step.value(result), policy, snapshot);
  }

  /** The method failed, or its key is invalidated anyway: leave the write lease, store nothing. */
  async #withdraw<V>({ step, begin }: BegunPut<V>, token: string): Promise<void> {
    await this.#context.l2.withdrawPut(step.key, begin, token);
  }

  /** `endsAt`: on the local clock, when the entry in L2 ends at the earliest. */
  #keep(key: string, encoded: Encoded, policy: CompiledPolicy, fence: Fence, endsAt: number): void {
    const { l1, groups, clock, ownCopies } = this.#context;
    const { entry, value, snapshot } = encoded;
    groups.extend(snapshot.groups, entry.ttlMs + entry.staleMs);
    l1.keepStored(
      key,
      l1.protectedCopy(key, policy, value),
      policy,
      snapshot,
      entry,
      endsAt - clock.now(),
      fence,
    );
    ownCopies.bring(key, policy, entry, fence);
  }

  #encode(key: string, value: unknown, policy: CompiledPolicy, snapshot: Snapshot): Encoded | undefined {
    const entry = newEntry(this.#context.codec, key, policy, value, snapshot, 0);
    return entry && { value, snapshot, entry };
  }
}

interface Encoded {
  readonly value: unknown;
  readonly snapshot: Snapshot;
  readonly entry: NewEntry;
}
