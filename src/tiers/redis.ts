/**
 * L2 in Redis: the protocol's commands over one connection. Every method answers within the deadline and says what is
 * known: done, refused, or unknown because the reply was late or lost. It never retries and never decides; a token
 * whose fate is unknown (an orphan, P15) is released on the next contact, so that nobody waits for it.
 */
import type { Clock } from '../contract/clock';
import type { Order } from '../contract/order';
import type {
  Claim,
  Mark,
  NewEntry,
  Observation,
  PutBegin,
  RemoteState,
  RemoteTier,
  Verdict,
} from '../contract/stores';
import { type Afterwards, Commands } from './commands';
import { encodeEntry, leaseOf, writeLeaseOf } from './envelope';
import type { RedisLike, ScriptMethods } from './redis-like';
import { RemoteClock } from './remote-clock';
import {
  begun,
  claimed,
  failedBegin,
  failedFill,
  failedRead,
  failedWrite,
  observe,
  unknownBegin,
  verdict,
} from './replies';
import { SCRIPTS } from './scripts';
import { newToken } from './tokens';

export interface RedisTierOptions {
  readonly namespace: string;
  readonly deadlineMs: number;
  readonly leaseMs: number;
}

export class RedisTier implements RemoteTier {
  readonly present = true;
  readonly #client: RedisLike & ScriptMethods;
  readonly #options: RedisTierOptions;
  readonly #prefix: string;
  readonly #commands: Commands;
  readonly #remoteClock: RemoteClock;
  readonly #clock: Clock;
  readonly #listeners: ((state: RemoteState) => void)[] = [];
  readonly #orphans = new Map<string, () => void>();
  #state: RemoteState = { kind: 'connecting' };
  #firstAttempt: Promise<void>;
  #endFirstAttempt: () => void = () => {};
  #lastError = new Error('not connected yet');
  #hasNxGet = false;

  constructor(client: RedisLike, order: Order, clock: Clock, options: RedisTierOptions) {
    for (const [name, definition] of Object.entries(SCRIPTS)) client.defineCommand(name, definition);
    this.#client = client as RedisLike & ScriptMethods;
    this.#clock = clock;
    this.#options = options;
    this.#prefix = `${options.namespace}:`;
    this.#commands = new Commands(client, order, clock, options.deadlineMs);
    this.#remoteClock = new RemoteClock(clock);
    this.#firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
    client.on('error', (error: Error) => this.#failed(error));
    client.on('close', () => this.#down());
    client.on('ready', () => void this.#ready());
    client.connect().catch((error: Error) => this.#failed(error));
  }

  get state(): RemoteState {
    return this.#state;
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#listeners.push(listener);
  }

  now(): number {
    return this.#remoteClock.now();
  }

  async settled(withinMs: number): Promise<void> {
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#firstAttempt, patience]);
    this.#clock.clearTimeout(timer);
  }

  read(key: string): Promise<Observation> {
    if (this.#state.kind !== 'ready') return this.#onceReady(() => this.read(key), this.#unreachable);
    const batch = this.#commands.open();
    return this.#commands.ask(batch, this.#client.getBuffer(this.#prefix + key), observe, failedRead);
  }

  claim(key: string, token: string): Promise<Claim> {
    if (this.#state.kind !== 'ready') return this.#onceReady(() => this.claim(key, token), this.#unreachable);
    const batch = this.#commands.open();
    const name = this.#prefix + key;
    const lease = leaseOf(token);
    const ms = this.#options.leaseMs;
    const command = this.#hasNxGet
      ? this.#client.callBuffer('SET', name, lease, 'PX', ms, 'NX', 'GET')
      : this.#client.tiercelClaimBuffer(name, lease, ms);
    return this.#commands.ask(batch, command, claimed, failedRead, this.#orphan(key, token));
  }

  replace(key: string, mark: Mark, token: string): Promise<Claim> {
    if (this.#state.kind !== 'ready')
      return this.#onceReady(() => this.replace(key, mark, token), this.#unreachable);
    const batch = this.#commands.open();
    const command = this.#client.tiercelReplaceBuffer(
      this.#prefix + key,
      leaseOf(token),
      this.#options.leaseMs,
      mark.prefix,
      mark.length ?? '',
    );
    return this.#commands.ask(batch, command, claimed, failedRead, this.#orphan(key, token));
  }

  fill(key: string, token: string, entry: NewEntry): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    const command = this.#client.tiercelFillBuffer(
      this.#prefix + key,
      leaseOf(token),
      this.#encode(entry),
      entry.ttlMs,
    );
    const failed = (error: Error, sentAt: number): Verdict => {
      // Refused by the server, for lack of memory say: the lease still stands there, and others wait for it.
      if (error.name === 'ReplyError') void this.release(key, token);
      return failedFill(error, sentAt);
    };
    return this.#commands.ask(batch, command, verdict, failed, this.#orphan(key, token));
  }

  confirm(key: string, mark: Mark): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    return this.#commands.ask(
      batch,
      this.#client.tiercelConfirmBuffer(this.#prefix + key, mark.prefix),
      verdict,
      failedFill,
    );
  }

  release(key: string, token: string): Promise<Verdict> {
    if (this.#state.kind !== 'ready') {
      this.#remember(key, token);
      return this.#unsent();
    }
    const batch = this.#commands.open();
    const command = this.#client.tiercelReleaseBuffer(this.#prefix + key, leaseOf(token));
    // A late reply says that it is done: to answer it with another release would go on for as long as replies are late.
    return this.#commands.ask(batch, command, verdict, failedFill, (replied) => {
      if (!replied) this.#remember(key, token);
    });
  }

  renew(key: string, token: string): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    const command = this.#client.tiercelRenewBuffer(
      this.#prefix + key,
      leaseOf(token),
      this.#options.leaseMs,
    );
    return this.#commands.ask(batch, command, verdict, failedFill);
  }

  invalidate(key: string): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#onceReady(() => this.invalidate(key), this.#unknown);
    const batch = this.#commands.open();
    return this.#commands.ask(
      batch,
      this.#client.tiercelInvalidateBuffer(this.#prefix + key),
      verdict,
      failedWrite,
    );
  }

  set(key: string, entry: NewEntry): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#onceReady(() => this.set(key, entry), this.#unknown);
    const batch = this.#commands.open();
    const command = this.#client.tiercelSetBuffer(this.#prefix + key, this.#encode(entry), entry.ttlMs);
    return this.#commands.ask(batch, command, verdict, failedWrite);
  }

  beginPut(key: string, token: string): Promise<PutBegin> {
    if (this.#state.kind !== 'ready') return this.#onceReady(() => this.beginPut(key, token), unknownBegin);
    const batch = this.#commands.open();
    const command = this.#client.tiercelBeginPutBuffer(this.#prefix + key, token, this.#options.leaseMs);
    return this.#commands.ask(batch, command, begun, failedBegin);
  }

  renewPut(key: string, token: string): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    const command = this.#client.tiercelRenewPutBuffer(this.#prefix + key, token, this.#options.leaseMs);
    return this.#commands.ask(batch, command, verdict, failedWrite);
  }

  commitPut(key: string, begin: PutBegin, token: string, entry: NewEntry): Promise<Verdict> {
    if (this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    const command = this.#client.tiercelCommitPutBuffer(
      this.#prefix + key,
      begin.kind === 'observed' ? begin.mark.prefix : writeLeaseOf(token),
      token,
      this.#encode(entry),
      entry.ttlMs,
    );
    return this.#commands.ask(batch, command, verdict, failedWrite);
  }

  withdrawPut(key: string, begin: PutBegin, token: string): Promise<Verdict> {
    if (begin.kind === 'observed' || this.#state.kind !== 'ready') return this.#unsent();
    const batch = this.#commands.open();
    return this.#commands.ask(
      batch,
      this.#client.tiercelWithdrawPutBuffer(this.#prefix + key, token),
      verdict,
      failedWrite,
    );
  }

  async close(): Promise<void> {
    this.#become({ kind: 'closed' });
    this.#endFirstAttempt();
    this.#client.disconnect();
    this.#commands.close();
  }

  #encode(entry: NewEntry): string | Buffer {
    return encodeEntry(newToken(), this.#remoteClock.now() + entry.ttlMs, entry);
  }

  /** A lease of ours whose fate is unknown is released as soon as L2 can be reached. */
  #orphan(key: string, token: string): Afterwards {
    return (replied) => {
      if (replied) void this.release(key, token);
      else this.#remember(key, token);
    };
  }

  #remember(key: string, token: string): void {
    if (this.#state.kind === 'closed') return;
    this.#orphans.set(token, () => void this.release(key, token));
  }

  /** During the very first attempt to connect a command waits for its end, at most for one deadline. */
  async #onceReady<T>(retry: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#state.kind === 'connecting') await this.settled(this.#options.deadlineMs);
    return this.#state.kind === 'ready' ? retry() : otherwise();
  }

  #unreachable = (): Observation => ({ kind: 'unreachable', sentAt: 0, error: this.#lastError });

  #unknown = (): Verdict => ({ result: 'unknown', sentAt: 0 });

  #unsent(): Promise<Verdict> {
    return Promise.resolve(this.#unknown());
  }

  #failed(error: Error): void {
    this.#lastError = error;
    this.#down();
  }

  #down(): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'down') return;
    this.#become({ kind: 'down', reason: this.#lastError.message });
    this.#endFirstAttempt();
  }

  async #ready(): Promise<void> {
    try {
      const sample = this.#remoteClock.begin();
      const info = String(await this.#client.callBuffer('INFO', 'server'));
      this.#hasNxGet = Number.parseInt(/redis_version:(\d+)/.exec(info)?.[1] ?? '0', 10) >= 7;
      sample.end(await this.#client.callBuffer('TIME'));
    } catch (error) {
      this.#failed(error as Error);
      return;
    }
    if (this.#state.kind === 'closed') return;
    this.#become({ kind: 'ready' });
    this.#endFirstAttempt();
    const orphans = [...this.#orphans.values()];
    this.#orphans.clear();
    for (const release of orphans) release();
  }

  #become(state: RemoteState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
