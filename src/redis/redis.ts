/**
 * L2 in Redis: the protocol's commands on entries and leases. Every method answers within the deadline and says what is
 * known: done, refused, or unknown because the reply was late or lost. It never retries and never decides; a lease
 * whose fate is unknown is an orphan (P15): it is released on the next contact, so that nobody waits for it.
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
import { newToken } from '../contract/tokens';
import type { Afterwards } from './commands';
import { encodeEntry, leaseOf, witnessOf, writeLeaseOf } from './envelope';
import type { RedisConnection } from './redis-connection';
import type { RedisLike, ScriptMethods } from './redis-like';
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

type Client = RedisLike & ScriptMethods;
type Send = (client: Client, name: string) => Promise<unknown>;

export class RedisTier {
  readonly present = true;
  readonly #connection: RedisConnection;
  readonly #leaseMs: number;
  readonly #orphans = new Map<string, { readonly key: string; readonly lease: Lease }>();

  constructor(connection: RedisConnection, leaseMs: number) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
    connection.onState(({ kind }) => {
      if (kind === 'ready') this.#releaseOrphans();
    });
  }

  get state(): RemoteState {
    return this.#connection.state;
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#connection.onState(listener);
  }

  now(): number {
    return this.#connection.now();
  }

  onReturn(listener: () => Promise<unknown> | undefined): void {
    this.#connection.onReturn = listener;
  }

  get breakers(): readonly NodeBreaker[] {
    return [{ node: this.#connection.node, state: this.#connection.breaker }];
  }

  awayMs(): number {
    return this.#connection.awayMs();
  }

  settled(withinMs: number): Promise<void> {
    return this.#connection.settled(withinMs);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  read(key: string): Promise<Observation> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return this.#connection.onceUsable(() => this.read(key), this.#unreachable);
    return commands.ask(commands.open(), client.getBuffer(prefix + key), observe, failedRead);
  }

  acquireLease(key: string, lease: Lease): Promise<LeaseAttempt> {
    return this.#take(key, lease, (client, name) =>
      this.#connection.hasNxGet
        ? client.callBuffer('SET', name, leaseOf(lease), 'PX', this.#leaseMs, 'NX', 'GET')
        : client.tiercelClaimBuffer(name, leaseOf(lease), this.#leaseMs),
    );
  }

  takeOver(key: string, witness: CasWitness, lease: Lease): Promise<LeaseAttempt> {
    return this.#take(key, lease, (client, name) =>
      client.tiercelReplaceBuffer(name, leaseOf(lease), this.#leaseMs, witness.prefix, witness.length ?? ''),
    );
  }

  placeStub(key: string, entry: NewEntry): Promise<StubPlacement> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(this.#unreachable());
    const batch = commands.open();
    const id = newToken();
    const bytes = encodeEntry(id, this.now() + entry.ttlMs, entry);
    const command = this.#told(key, client.tiercelClaimBuffer(prefix + key, bytes, keptMs(entry)));
    const planted = { kind: 'placed', witness: witnessOf(id) } as const;
    return commands.ask(
      batch,
      command,
      (reply, sentAt) => (reply === null ? planted : observe(reply, sentAt)),
      failedRead,
    );
  }

  fill(key: string, lease: Lease, entry: NewEntry): Promise<Verdict> {
    if (!this.#connection.usable) this.#remember(key, lease);
    const failed = (error: Error, sentAt: number): Verdict => {
      // Refused by the server, for lack of memory say: the lease still stands there, and others wait for it.
      if (error.name === 'ReplyError') void this.release(key, lease);
      return failedFill(error, sentAt);
    };
    return this.#change(
      key,
      (client, name) => client.tiercelFillBuffer(name, leaseOf(lease), this.#encode(entry), keptMs(entry)),
      failed,
      this.#orphan(key, lease),
    );
  }

  refresh(key: string, witness: CasWitness, entry: NewEntry): Promise<Verdict> {
    return this.#change(
      key,
      (client, name) => client.tiercelFillBuffer(name, witness.prefix, this.#encode(entry), keptMs(entry)),
      failedFill,
    );
  }

  stubStands(key: string, witness: CasWitness): Promise<Verdict> {
    return this.#ask(key, (client, name) => client.tiercelConfirmBuffer(name, witness.prefix), failedFill);
  }

  release(key: string, lease: Lease): Promise<Verdict> {
    if (!this.#connection.usable) this.#remember(key, lease);
    return this.#change(
      key,
      (client, name) => client.tiercelReleaseBuffer(name, leaseOf(lease)),
      failedFill,
      // A late reply says that it is done: to answer it with another release would go on for as long as replies are late.
      (replied) => {
        if (!replied) this.#remember(key, lease);
      },
    );
  }

  renew(key: string, lease: Lease): Promise<Verdict> {
    return this.#ask(
      key,
      (client, name) => client.tiercelRenewBuffer(name, leaseOf(lease), this.#leaseMs),
      failedFill,
    );
  }

  async invalidate(key: string): Promise<Verdict> {
    const { commands, client, prefix } = this.#connection;
    const send = (): Promise<Verdict> => {
      const batch = commands.open();
      const command = this.#told(key, client.tiercelInvalidateBuffer(prefix + key));
      return commands.ask(batch, command, verdict, failedWrite);
    };
    return this.#connection.deliverable ? send() : this.#connection.onceUsable(send, unknown);
  }

  async set(key: string, entry: NewEntry): Promise<Verdict> {
    const send: Send = (client, name) => client.tiercelSetBuffer(name, this.#encode(entry), keptMs(entry));
    if (this.#connection.usable) return this.#change(key, send, failedWrite);
    return this.#connection.onceUsable(() => this.#change(key, send, failedWrite), unknown);
  }

  async beginPut(key: string, token: string): Promise<PutBegin> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return this.#connection.onceUsable(() => this.beginPut(key, token), unknownBegin);
    const batch = commands.open();
    const command = this.#told(key, client.tiercelBeginPutBuffer(prefix + key, token, this.#leaseMs));
    return commands.ask(batch, command, begun, failedBegin);
  }

  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict> {
    const expected = begin.kind === 'observed' ? begin.witness.prefix : writeLeaseOf(token);
    return this.#change(
      key,
      (client, name) =>
        client.tiercelCommitPutBuffer(name, expected, token, this.#encode(entry), keptMs(entry)),
      failedWrite,
    );
  }

  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict> {
    if (begin.kind === 'observed') return Promise.resolve({ result: 'done', sentAt: 0 });
    return this.#change(key, (client, name) => client.tiercelWithdrawPutBuffer(name, token), failedWrite);
  }

  #take(key: string, lease: Lease, send: Send): Promise<LeaseAttempt> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(this.#unreachable());
    const batch = commands.open();
    const command = this.#told(key, send(client, prefix + key));
    return commands.ask(batch, command, acquired, failedRead, this.#orphan(key, lease));
  }

  #change(
    key: string,
    send: Send,
    failed: (error: Error, sentAt: number) => Verdict,
    afterwards?: Afterwards,
  ): Promise<Verdict> {
    return this.#ask(key, (client, name) => this.#told(key, send(client, name)), failed, afterwards);
  }

  #ask(
    key: string,
    send: Send,
    failed: (error: Error, sentAt: number) => Verdict,
    afterwards?: Afterwards,
  ): Promise<Verdict> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(unknown());
    const batch = commands.open();
    return commands.ask(batch, send(client, prefix + key), verdict, failed, afterwards);
  }

  /** A command that changes what stands at the key, or may. */
  #told(key: string, command: Promise<unknown>): Promise<unknown> {
    this.#connection.onWrite?.([key], command);
    return command;
  }

  #encode(entry: NewEntry): string | Buffer {
    return encodeEntry(newToken(), this.now() + entry.ttlMs, entry);
  }

  /** A lease of ours whose fate is unknown is released as soon as L2 can be reached. */
  #orphan(key: string, lease: Lease): Afterwards {
    return (replied) => {
      if (replied) void this.release(key, lease);
      else this.#remember(key, lease);
    };
  }

  #remember(key: string, lease: Lease): void {
    if (this.state.kind !== 'closed') this.#orphans.set(lease.token, { key, lease });
  }

  #releaseOrphans(): void {
    const orphans = [...this.#orphans.values()];
    this.#orphans.clear();
    for (const { key, lease } of orphans) void this.release(key, lease);
  }

  #unreachable = (): Observation => ({ kind: 'unreachable', sentAt: 0, error: this.#connection.lastError });
}

/** How long Redis keeps an entry. */
function keptMs({ ttlMs, staleMs }: NewEntry): number {
  return ttlMs + staleMs;
}
