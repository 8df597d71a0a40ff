/**
 * L2 in a Redis Cluster: every command goes to the master that serves its key, and means there what it means on a single
 * server. Where no master is known for a slot, L2 does not answer for it.
 */
import type {
  CasWitness,
  Lease,
  LeaseAttempt,
  NewEntry,
  NodeBreaker,
  Observation,
  PutBegin,
  RemoteState,
  StubPlacement,
  Verdict,
} from '../contract/l2';
import type { ClusterNodes } from './cluster';
import type { RedisTier } from './redis';
import { unknown, unknownBegin } from './replies';

export class ClusterTier {
  readonly present = true;
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  get state(): RemoteState {
    return this.#nodes.state;
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#nodes.onState(listener);
  }

  onReturn(listener: () => Promise<unknown> | undefined): void {
    this.#nodes.onReturn(listener);
  }

  get breakers(): readonly NodeBreaker[] {
    return this.#nodes.all.flatMap(({ tier }) => tier.breakers);
  }

  now(key: string): number {
    return (this.#nodes.of(key) ?? this.#nodes.all[0])?.tier.now() ?? Number.POSITIVE_INFINITY;
  }

  awayMs(name: string): number {
    return this.#nodes.awayMs(name);
  }

  settled(withinMs: number): Promise<void> {
    return this.#nodes.settled(withinMs);
  }

  close(): Promise<void> {
    return this.#nodes.close();
  }

  read(key: string): Promise<Observation> {
    return this.#on(key, (tier) => tier.read(key), this.#unreachable);
  }

  acquireLease(key: string, lease: Lease): Promise<LeaseAttempt> {
    return this.#on(key, (tier) => tier.acquireLease(key, lease), this.#unreachable);
  }

  takeOver(key: string, witness: CasWitness, lease: Lease): Promise<LeaseAttempt> {
    return this.#on(key, (tier) => tier.takeOver(key, witness, lease), this.#unreachable);
  }

  placeStub(key: string, entry: NewEntry): Promise<StubPlacement> {
    return this.#on(key, (tier) => tier.placeStub(key, entry), this.#unreachable);
  }

  fill(key: string, lease: Lease, entry: NewEntry): Promise<Verdict> {
    return this.#on(key, (tier) => tier.fill(key, lease, entry), unknown);
  }

  refresh(key: string, witness: CasWitness, entry: NewEntry): Promise<Verdict> {
    return this.#on(key, (tier) => tier.refresh(key, witness, entry), unknown);
  }

  stubStands(key: string, witness: CasWitness): Promise<Verdict> {
    return this.#on(key, (tier) => tier.stubStands(key, witness), unknown);
  }

  release(key: string, lease: Lease): Promise<Verdict> {
    return this.#on(key, (tier) => tier.release(key, lease), unknown);
  }

  renew(key: string, lease: Lease): Promise<Verdict> {
    return this.#on(key, (tier) => tier.renew(key, lease), unknown);
  }

  invalidate(key: string): Promise<Verdict> {
    return this.#on(key, (tier) => tier.invalidate(key), unknown);
  }

  set(key: string, entry: NewEntry): Promise<Verdict> {
    return this.#on(key, (tier) => tier.set(key, entry), unknown);
  }

  beginPut(key: string, token: string): Promise<PutBegin> {
    return this.#on(key, (tier) => tier.beginPut(key, token), unknownBegin);
  }

  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict> {
    return this.#on(key, (tier) => tier.commitPut(key, begin, token, entry), unknown);
  }

  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict> {
    return this.#on(key, (tier) => tier.withdrawPut(key, begin, token), unknown);
  }

  /** In the turn of the call where the node is known, so that the commands of a turn leave together. */
  #on<T>(key: string, ask: (tier: RedisTier) => Promise<T>, otherwise: () => T): Promise<T> {
    const node = this.#nodes.of(key);
    if (node !== undefined) return ask(node.tier);
    return this.#nodes.found(key).then((found) => (found === undefined ? otherwise() : ask(found.tier)));
  }

  #unreachable = (): Observation => ({ kind: 'unreachable', sentAt: 0, error: this.#nodes.lastError });
}
