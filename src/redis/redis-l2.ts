/**
 * L2 in Redis: the protocol's commands on entries, leases and write leases, each sent to the node that serves its key.
 * A method reports what is known: done, refused, or unknown because the reply was late or lost. It never retries. A lease
 * whose fate is unknown is an orphan (P15): it is released at the next contact, so that nobody waits for it.
 */
import type {
  CasWitness,
  Generations,
  L2,
  L2Status,
  Lease,
  LeaseAttempt,
  NewEntry,
  Observation,
  PutBegin,
  ReadTold,
  StubPlacement,
  Verdict,
} from '../contract/l2';
import { newToken } from '../contract/tokens';
import type { Afterwards } from './commands';
import { opened } from './compression';
import { encodeEntry, leaseOf, witnessOf, writeLeaseOf } from './envelope';
import { purge, sweep } from './keyspace';
import type { Nodes } from './nodes';
import { readKey } from './read-key';
import type { RedisConnection } from './redis-connection';
import { RedisGenerations } from './redis-generations';
import {
  acquired,
  begun,
  failedBegin,
  failedFill,
  failedRead,
  failedWrite,
  observe,
  unknown,
  unknownBegin,
  verdict,
} from './replies';

type Send = (node: RedisConnection, name: string) => Promise<unknown>;

export class RedisL2 implements L2 {
  readonly present = true;
  readonly generations: Generations;
  readonly #nodes: Nodes;
  readonly #leaseMs: number;
  readonly #orphans = new Map<string, { readonly key: string; readonly lease: Lease }>();

  constructor(nodes: Nodes, leaseMs: number) {
    this.#nodes = nodes;
    this.#leaseMs = leaseMs;
    this.generations = new RedisGenerations(nodes);
    nodes.onUsable(() => this.#releaseOrphans());
  }

  get status(): L2Status {
    return this.#nodes;
  }

  close(): Promise<void> {
    return this.#nodes.close();
  }

  now(key: string): number {
    return this.#nodes.now(key);
  }

  homeOf(key: string): string | undefined {
    return this.#nodes.homeOf(key);
  }

  read(key: string, beside: readonly string[], told: ReadTold): void {
    const node = this.#nodes.of(key);
    if (!node?.usable) {
      const again = (): Promise<void> =>
        new Promise((done) => {
          this.read(key, beside, (...reply) => {
            told(...reply);
            done();
          });
        });
      void this.#nodes.onceUsable(key, again, () => told(this.#unreachable(), []));
    } else if (beside.length === 0 || !this.#nodes.areMany) readKey(node, key, beside, told);
    else {
      // The generation keys may be on other nodes.
      const generations = Promise.all(beside.map((name) => this.generations.peek(name)));
      readKey(node, key, [], (seen) => void generations.then((known) => told(seen, known)));
    }
  }

  canLeaseFirst(key: string): 'no' | 'yes' | 'in-crowd' {
    const node = this.#nodes.of(key);
    return node?.usable && node.hasNxGet ? node.firstLease.can : 'no';
  }

  async leaseFirst(key: string, lease: Lease): Promise<LeaseAttempt> {
    const seen = await this.acquireLease(key, lease);
    if (seen.kind !== 'unreachable' || seen.error.name !== 'ReplyError') return seen;
    this.#nodes.of(key)?.firstLease.refused();
    return new Promise((resolve) => this.read(key, [], resolve));
  }

  acquireLease(key: string, lease: Lease): Promise<LeaseAttempt> {
    return this.#take(key, lease, ({ hasNxGet, client }, name) =>
      hasNxGet
        ? client.callBuffer('SET', name, leaseOf(lease), 'PX', this.#leaseMs, 'NX', 'GET')
        : client.tiercelClaimBuffer(name, leaseOf(lease), this.#leaseMs),
    );
  }

  takeOver(key: string, { prefix, length }: CasWitness, lease: Lease): Promise<LeaseAttempt> {
    return this.#take(key, lease, (node, name) =>
      told(
        node,
        key,
        node.client.tiercelReplaceBuffer(name, leaseOf(lease), this.#leaseMs, prefix, length ?? ''),
      ),
    );
  }

  placeStub(key: string, entry: NewEntry): Promise<StubPlacement> {
    const node = this.#nodes.of(key);
    if (!node?.usable) return Promise.resolve(this.#unreachable());
    const { commands, client, prefix } = node;
    const batch = commands.open();
    const id = newToken();
    const bytes = encodeEntry(id, node.now() + entry.ttlMs, entry);
    const command = told(node, key, client.tiercelClaimBuffer(prefix + key, bytes, keptMs(entry)));
    const placed = { kind: 'placed', witness: witnessOf(id) } as const;
    return commands.ask(
      batch,
      command,
      (reply, sentAt) => (reply === null ? placed : opened(observe(reply, sentAt))),
      failedRead,
    );
  }

  stubStands(key: string, { prefix }: CasWitness): Promise<Verdict> {
    return this.#ask(key, ({ client }, name) => client.tiercelConfirmBuffer(name, prefix), failedFill);
  }

  fill(key: string, lease: Lease, entry: NewEntry): Promise<Verdict> {
    if (!this.#nodes.of(key)?.usable) this.#remember(key, lease);
    const failed = (error: Error, sentAt: number): Verdict => {
      // The server refused, for lack of memory say: the lease is still there, and others wait for it.
      if (error.name === 'ReplyError') void this.release(key, lease);
      return failedFill(error, sentAt);
    };
    return this.#change(
      key,
      (node, name) =>
        node.client.tiercelFillBuffer(name, leaseOf(lease), encoded(node, entry), keptMs(entry)),
      failed,
      this.#orphan(key, lease),
    );
  }

  refresh(key: string, { prefix }: CasWitness, entry: NewEntry): Promise<Verdict> {
    return this.#change(
      key,
      (node, name) => node.client.tiercelFillBuffer(name, prefix, encoded(node, entry), keptMs(entry)),
      failedFill,
    );
  }

  release(key: string, lease: Lease): Promise<Verdict> {
    if (!this.#nodes.of(key)?.usable) this.#remember(key, lease);
    return this.#change(
      key,
      ({ client }, name) => client.tiercelReleaseBuffer(name, leaseOf(lease)),
      failedFill,
      // A late reply says that it is done. Another release in answer to it would go on for as long as replies are late.
      (replied) => {
        if (!replied) this.#remember(key, lease);
      },
    );
  }

  renew(key: string, lease: Lease): Promise<Verdict> {
    return this.#ask(
      key,
      ({ client }, name) => client.tiercelRenewBuffer(name, leaseOf(lease), this.#leaseMs),
      failedFill,
    );
  }

  invalidate(key: string): Promise<Verdict> {
    if (!this.#nodes.of(key)?.deliverable) return Promise.resolve(unknown());
    return this.#send(key, ({ client }, name) => client.tiercelInvalidateBuffer(name));
  }

  set(key: string, entry: NewEntry): Promise<Verdict> {
    return this.#onceUsable(key, (node, name) =>
      node.client.tiercelSetBuffer(name, encoded(node, entry), keptMs(entry)),
    );
  }

  beginPut(key: string, token: string): Promise<PutBegin> {
    const node = this.#nodes.of(key);
    if (!node?.usable) return this.#nodes.onceUsable(key, () => this.beginPut(key, token), unknownBegin);
    const { commands, client, prefix } = node;
    const batch = commands.open();
    const command = told(node, key, client.tiercelBeginPutBuffer(prefix + key, token, this.#leaseMs));
    return commands.ask(batch, command, begun, failedBegin);
  }

  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict> {
    const expected = begin.kind === 'observed' ? begin.witness.prefix : writeLeaseOf(token);
    return this.#change(
      key,
      (node, name) =>
        node.client.tiercelCommitPutBuffer(name, expected, token, encoded(node, entry), keptMs(entry)),
      failedWrite,
    );
  }

  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict> {
    if (begin.kind === 'observed') return Promise.resolve({ result: 'done', sentAt: 0 });
    return this.#change(key, ({ client }, name) => client.tiercelWithdrawPutBuffer(name, token), failedWrite);
  }

  beginWrite(name: string, token: string): Promise<Verdict> {
    return this.#onceUsable(name, ({ client }, key) =>
      client.tiercelBeginWriteBuffer(key, token, this.#leaseMs),
    );
  }

  /** Nothing that anybody would have to hear of. */
  renewWrite(name: string, token: string): Promise<Verdict> {
    return this.#ask(
      name,
      ({ client }, key) => client.tiercelRenewWriteBuffer(key, token, this.#leaseMs),
      failedWrite,
    );
  }

  endWrite(name: string, token: string): Promise<Verdict> {
    return this.#onceUsable(name, ({ client }, key) => client.tiercelEndWriteBuffer(key, token));
  }

  async lock(name: string, ms: number): Promise<boolean> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return false;
    const { commands, client, prefix } = node;
    const batch = commands.open();
    const command = client.callBuffer('SET', prefix + name, '', 'PX', ms, 'NX');
    return commands.ask(batch, command, (reply) => reply !== null, no);
  }

  async holdLock(name: string, ms: number): Promise<void> {
    await this.#ask(name, ({ client }, key) => client.callBuffer('PEXPIRE', key, ms), failedWrite);
  }

  sweep(glob: string, matches: (key: string) => boolean) {
    return sweep(this.#nodes, glob, matches);
  }

  purge(generation: string, wanted: (key: string) => boolean, isOver: () => boolean): Promise<void> {
    return purge(this.#nodes, generation, wanted, isOver);
  }

  #take(key: string, lease: Lease, send: Send): Promise<LeaseAttempt> {
    const node = this.#nodes.of(key);
    if (!node?.usable) return Promise.resolve(this.#unreachable());
    const { commands, prefix } = node;
    const batch = commands.open();
    return commands.ask(batch, send(node, prefix + key), acquired, failedRead, this.#orphan(key, lease));
  }

  /** A write that waits for the first attempt to connect. */
  #onceUsable(key: string, send: Send): Promise<Verdict> {
    const change = (): Promise<Verdict> => this.#send(key, send);
    return this.#nodes.of(key)?.usable ? change() : this.#nodes.onceUsable(key, change, unknown);
  }

  #change(
    key: string,
    send: Send,
    failed: (error: Error, sentAt: number) => Verdict,
    afterwards?: Afterwards,
  ): Promise<Verdict> {
    return this.#ask(key, (node, name) => told(node, key, send(node, name)), failed, afterwards);
  }

  #ask(
    key: string,
    send: Send,
    failed: (error: Error, sentAt: number) => Verdict,
    afterwards?: Afterwards,
  ): Promise<Verdict> {
    const node = this.#nodes.of(key);
    if (!node?.usable) return Promise.resolve(unknown());
    const { commands, prefix } = node;
    const batch = commands.open();
    return commands.ask(batch, send(node, prefix + key), verdict, failed, afterwards);
  }

  /** To a node that may take no more than invalidations. */
  #send(key: string, send: Send): Promise<Verdict> {
    const node = this.#nodes.of(key);
    if (node === undefined) return Promise.resolve(unknown());
    const batch = node.commands.open();
    return node.commands.ask(batch, told(node, key, send(node, node.prefix + key)), verdict, failedWrite);
  }

  /** A lease of ours whose fate is unknown is released as soon as L2 can be reached. */
  #orphan(key: string, lease: Lease): Afterwards {
    return (replied, reply) => {
      if (!replied) this.#remember(key, lease);
      // Any other reply says that the lease was not taken, or is used up.
      else if (reply === null) void this.release(key, lease);
    };
  }

  #remember(key: string, lease: Lease): void {
    if (this.#nodes.state.kind !== 'closed') this.#orphans.set(lease.token, { key, lease });
  }

  /** Those whose node is still away are remembered again. */
  #releaseOrphans(): void {
    const orphans = [...this.#orphans.values()];
    this.#orphans.clear();
    for (const { key, lease } of orphans) void this.release(key, lease);
  }

  #unreachable = (): Observation => ({ kind: 'unreachable', sentAt: 0, error: this.#nodes.lastError });
}

/** Announces a command that changes the key, or may. */
function told(node: RedisConnection, key: string, command: Promise<unknown>): Promise<unknown> {
  node.onWrite?.([key], command);
  return command;
}

function encoded(node: RedisConnection, entry: NewEntry): string | Buffer {
  return encodeEntry(newToken(), node.now() + entry.ttlMs, entry);
}

/** How long Redis keeps an entry. */
function keptMs({ ttlMs, staleMs }: NewEntry): number {
  return ttlMs + staleMs;
}

const no = (): boolean => false;
