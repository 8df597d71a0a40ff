/**
 * The write leases that one change holds, from before it until it is done (P24, P26). Meanwhile no process
 * stores what it reads under these names, so nothing becomes stale if the writer dies before it invalidates: a write lease
 * that nobody renews expires, and leaves nothing.
 */
import { every, type Timer } from '../../contract/clock';
import { newToken } from '../../contract/tokens';
import { inChunks } from '../runtime/chunks';
import type { EngineContext } from '../runtime/context';
import { TAG_EPOCH } from '../validity/generation-keys';
import { type Invalidations, type Removal, removalOf } from './invalidation';

export class WriteLeaseSet {
  readonly #context: EngineContext;
  readonly #invalidation: Invalidations;
  readonly #token = newToken();
  readonly #names = new Set<string>();
  #renewal: Timer | undefined;

  constructor(context: EngineContext, invalidation: Invalidations) {
    this.#context = context;
    this.#invalidation = invalidation;
  }

  /** True if each name has a write lease now. If L2 did not confirm one, the names are released all the same. */
  async take(names: readonly string[]): Promise<boolean> {
    // Without a write lease at the epoch, a load that learns a tag from its result would not see that it is being changed,
    // nor would a put that creates one of these keys.
    const all = (await this.#invalidation.needEpoch(names)) ? [...names, TAG_EPOCH] : names;
    const wanted = all.filter((name) => !this.#names.has(name));
    let isTaken = true;
    await inChunks(wanted, async (chunk) => {
      const taken = await Promise.all(chunk.map((name) => this.#take(name)));
      isTaken &&= taken.every(Boolean);
    });
    return isTaken;
  }

  /** The change is done, or was given up: what was stored before it is gone, and may be stored again. */
  async release(): Promise<Removal> {
    this.#context.clock.clearInterval(this.#renewal);
    const names = [...this.#names];
    this.#names.clear();
    const { acknowledged } = await this.#invalidation.deliver(names, (chunk) =>
      Promise.all(chunk.map((name) => this.#release(name))),
    );
    return removalOf(names, acknowledged);
  }

  async #take(name: string): Promise<boolean> {
    this.#names.add(name);
    this.#renewal ??= this.#renew();
    this.#invalidation.drop(name);
    const { result } = await this.#context.l2.beginWrite(name, this.#token);
    this.#invalidation.drop(name);
    if (result === 'foreign-type') this.#context.emit('foreign-value', { key: name });
    return result !== 'unknown';
  }

  async #release(name: string): Promise<boolean> {
    this.#invalidation.drop(name);
    const { result } = await this.#context.l2.endWrite(name, this.#token);
    this.#invalidation.drop(name);
    return result !== 'unknown';
  }

  #renew(): Timer {
    const { clock, l2, background, times } = this.#context;
    return every(clock, times.leaseMs / 3, () => {
      for (const name of this.#names) {
        background.run('renew a write lease', l2.renewWrite(name, this.#token));
      }
    });
  }
}
