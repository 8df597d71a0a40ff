/**
 * The data connection to one Redis: whether it can be used, and what time it is there. It can be used while it is
 * connected to a master, the handshake has succeeded, and its circuit breaker is closed.
 */
import { type Clock, every, type Timer, withTimeout } from '../contract/clock';
import { RedisRefusedError } from '../contract/errors';
import type { RemoteState } from '../contract/l2';
import type { Order } from '../contract/order';
import { Breaker, type BreakerState } from '../guards/breaker';
import { Commands } from './commands';
import { FirstLease } from './first-lease';
import { asked, handshake, ownRefusal, roleIn } from './handshake';
import { Reads } from './reads';
import type { RedisLike, ScriptMethods } from './redis-like';
import { RemoteClock } from './remote-clock';
import { SCRIPTS } from './scripts';
import { endIfSilent } from './silence';

export interface RedisConnectionOptions {
  readonly namespace: string;
  /** What events and metrics call it. */
  readonly node: string;
  readonly deadlineMs: number;
  /** Without any data for that long while a command waits, the connection is replaced. */
  readonly socketTimeoutMs: number;
  readonly database: number;
  readonly isOneOfMany: boolean;
  /** How long the first attempt to connect may take: calls wait for its end. */
  readonly firstAttemptMs: number;
  /** Called once with the reason why the server cannot be used though it answers; again after it could be. */
  readonly onUnusable: (reason: RedisRefusedError) => void;
  /** Called for each command that the server refused. */
  readonly onRefused?: (error: Error) => void;
  /** Called at each change of the circuit breaker. */
  readonly onBreaker: (state: BreakerState['kind']) => void;
}

const REVIVE_MS = 100;
/** Until a handshake is repeated that failed because of a failover or a start. */
const PASSING_MS = 25;
/** The first wait before a refused handshake is repeated. It doubles each time, up to the last. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** How often the server's clock is read again: quartz drifts by some seconds a day, and clocks are set. */
const SAMPLE_MS = 60_000;
/** Begins the names that only the handshake uses. */
export const TRIAL_PREFIX = '<trial';

export class RedisConnection {
  readonly client: RedisLike & ScriptMethods;
  readonly commands: Commands;
  readonly reads: Reads;
  readonly firstLease: FirstLease;
  readonly node: string;
  /** Before every name in Redis. */
  readonly prefix: string;
  /** Whether the server takes `SET .. NX GET` (7.0). */
  hasNxGet = false;
  /**
   * Called with each write when it is sent: the names, and the reply to come. Set by a transport under which the writer
   * tells the others. Unset if Redis does.
   */
  onWrite: ((names: readonly string[], write: Promise<unknown>) => void) | undefined;
  /** See `L2.onReturn`. */
  onReturn: (() => Promise<unknown> | undefined) | undefined;
  /** The name for the handshake's trial of the scripts. In a cluster, one that this master serves. */
  trialName: string | undefined;
  /** See `Greeting.run`. */
  runId = '';
  lastError = new Error('no connection yet');
  readonly #options: RedisConnectionOptions;
  readonly #breaker: Breaker;
  readonly #clock: Clock;
  readonly #remoteClock: RemoteClock;
  readonly #sampler: Timer;
  readonly #silenceWatch: Timer;
  #firstLimit: Timer | undefined;
  #connected = false;
  /** Whether an error has said why the connection is about to close. */
  #isExplained = false;
  #reviver: Timer | undefined;
  #retry: Timer | undefined;
  #retryMs = FIRST_RETRY_MS;
  #unusableTold: string | undefined;
  /** How often in a row the channel was found to hear another run. */
  #mismatches = 0;
  readonly #listeners: ((state: RemoteState) => void)[] = [];
  #state: RemoteState = { kind: 'connecting' };
  readonly #firstAttempt: Promise<void>;
  #endFirstAttempt: () => void = () => {};

  constructor(client: RedisLike, order: Order, clock: Clock, options: RedisConnectionOptions) {
    for (const [name, definition] of Object.entries(SCRIPTS)) client.defineCommand(name, definition);
    this.client = client as RedisLike & ScriptMethods;
    this.#breaker = new Breaker(clock, {
      probe: () => this.#probe(),
      onChange: (state) => this.#breakerChanged(state, options.onBreaker),
    });
    this.commands = new Commands(client, order, clock, options.deadlineMs, {
      succeeded: () => this.#breaker.succeeded(),
      failed: () => this.#breaker.failed(),
      refused: (error) => options.onRefused?.(error),
    });
    this.reads = new Reads(client, this.commands, options.isOneOfMany);
    this.firstLease = new FirstLease(clock, this.commands, this.reads);
    this.node = options.node;
    this.prefix = `${options.namespace}:`;
    this.#clock = clock;
    this.#options = options;
    this.trialName = options.isOneOfMany ? undefined : TRIAL_PREFIX;
    this.#remoteClock = new RemoteClock(clock);
    this.#firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
    this.#sampler = every(clock, SAMPLE_MS, () => this.#sampleClock());
    this.#silenceWatch = endIfSilent(client, clock, options.socketTimeoutMs, () => this.commands.leavingMs);
    client.on('connecting', () => {
      this.#firstLimit ??= clock.setTimeout(() => {
        if (this.#state.kind === 'connecting')
          this.#failed(new Error(`no answer within ${options.firstAttemptMs} ms`));
      }, options.firstAttemptMs);
    });
    client.on('error', (error: Error) => {
      const reason = ownRefusal(error);
      this.#failed(reason);
      this.#tell(reason);
    });
    client.on('close', () => this.#closed());
    client.on('end', () => this.#ended());
    client.on('ready', () => void this.#ready());
    client.connect().catch((error: Error) => this.#failed(error));
  }

  /** With the present reason: it may be another one than when the state began. */
  get state(): RemoteState {
    return this.#state.kind === 'down' ? downBecause(this.lastError) : this.#state;
  }

  get usable(): boolean {
    return this.#state.kind === 'ready';
  }

  /** Whether invalidations may go out: as soon as it is connected, and while the breaker is half-open. */
  get deliverable(): boolean {
    return this.#connected && this.#breaker.state.kind !== 'open';
  }

  get breaker(): BreakerState['kind'] {
    return this.#breaker.state.kind;
  }

  /** For how many milliseconds it could not be used; 0 while it can. */
  awayMs(): number {
    return this.#breaker.awayMs();
  }

  /** Milliseconds on the server's clock. */
  now(): number {
    return this.#remoteClock.now();
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#listeners.push(listener);
  }

  async settled(withinMs: number): Promise<void> {
    await withTimeout(this.#clock, this.#firstAttempt, withinMs);
  }

  /** For what was asked while not usable: during the first attempt to connect it waits for the end of that. */
  async onceUsable<T>(ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#state.kind === 'connecting') await this.settled(this.#options.firstAttemptMs);
    return this.usable ? ask() : otherwise();
  }

  /**
   * Whether this connection talks to this run of a server that is still a master (P31); undefined if that is not known now.
   * If the server is no master, or was promoted again, this connection is made or greeted again. If the channel hears
   * another run, and still does after it was made again, so is this connection: the address may have moved.
   */
  async confirms(run: string): Promise<boolean | undefined> {
    if (this.#state.kind === 'connecting') await this.#firstAttempt;
    const { runId } = this;
    if (!this.usable || !this.#connected) return undefined;
    // Not under a deadline: a late reply proves as much as one in time, and says nothing against the server.
    const reply = await this.client.callBuffer('INFO', 'replication').catch(nothing);
    if (reply === undefined || !this.#connected || this.runId !== runId) return undefined;
    const { isMaster, id } = roleIn(String(reply));
    if (isMaster && runId.endsWith(id)) {
      this.#mismatches = run === runId ? 0 : this.#mismatches + 1;
      if (this.#mismatches > 1) this.client.disconnect(true);
      return run === runId;
    }
    this.#connected = false;
    if (isMaster) void this.#ready();
    else this.#leaveReplica();
    return undefined;
  }

  async close(): Promise<void> {
    this.#become({ kind: 'closed' });
    this.#endFirstAttempt();
    this.#breaker.close();
    this.#clock.clearTimeout(this.#reviver);
    this.#clock.clearTimeout(this.#retry);
    this.#clock.clearTimeout(this.#firstLimit);
    this.#clock.clearInterval(this.#sampler);
    this.#clock.clearInterval(this.#silenceWatch);
    this.client.disconnect();
    this.commands.close();
  }

  #failed(error: Error): void {
    this.lastError = error;
    this.#isExplained = true;
    this.#lost();
  }

  #closed(): void {
    if (!this.#isExplained) this.lastError = new Error('the connection was closed');
    this.#isExplained = false;
    this.#lost();
  }

  #lost(): void {
    this.#connected = false;
    this.#clock.clearTimeout(this.#retry);
    if (this.#state.kind === 'closed') return;
    this.#breaker.trip();
    this.#down();
  }

  /**
   * The client will not connect again by itself. It gives up, although it is told to go on forever, if the sentinels
   * announce a failover while it asks them for the master.
   */
  #ended(): void {
    if (this.#state.kind === 'closed') return;
    this.#lost();
    this.#reviver = this.#clock.setTimeout(() => {
      this.client.connect().catch((error: Error) => this.#failed(error));
    }, REVIVE_MS);
  }

  #down(): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'down') return;
    this.#become(downBecause(this.lastError));
    this.#endFirstAttempt();
  }

  async #ready(): Promise<void> {
    this.#isExplained = false;
    try {
      const { database, isOneOfMany } = this.#options;
      const name = this.trialName && this.prefix + this.trialName;
      const greeting = await handshake(this.client, { database, isOneOfMany, name });
      if (!greeting.isMaster) {
        this.#leaveReplica();
        return;
      }
      this.hasNxGet = greeting.hasNxGet;
      this.runId = greeting.run;
      await this.#remoteClock.set(() => asked('TIME', this.client.callBuffer('TIME')));
    } catch (error) {
      this.#handshakeFailed(error as Error);
      return;
    }
    if (this.#state.kind === 'closed') return;
    this.#clock.clearTimeout(this.#firstLimit);
    this.#connected = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#unusableTold = undefined;
    // The handshake has proven the server. What is queued has to be delivered.
    if (this.#breaker.state.kind !== 'closed') await this.#breaker.attempt(() => this.#deliver());
    else if (await this.#deliver()) this.#become({ kind: 'ready' });
    this.#endFirstAttempt();
  }

  /** It may be promoted, or its name may soon lead elsewhere. */
  #leaveReplica(): void {
    this.#failed(new Error('this server is a replica, not a master'));
    this.client.disconnect(true);
  }

  /** An error reply leaves the connection open, and may be a passing one: the handshake is repeated. */
  #handshakeFailed(error: Error): void {
    if (this.#state.kind === 'closed') return;
    this.#failed(error);
    if (!(error instanceof RedisRefusedError) && error.name !== 'ReplyError') return;
    this.#isExplained = false;
    // What a failover brings passes soon. Only a refusal needs somebody to change the server.
    const isRefusal = error instanceof RedisRefusedError;
    this.#retry = this.#clock.setTimeout(() => void this.#ready(), isRefusal ? this.#retryMs : PASSING_MS);
    if (isRefusal) this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    this.#tell(error);
  }

  #tell(reason: Error): void {
    if (!(reason instanceof RedisRefusedError) || this.#unusableTold === reason.subject) return;
    this.#unusableTold = reason.subject;
    this.#options.onUnusable(reason);
  }

  #sampleClock(): void {
    if (!this.usable) return;
    const sample = this.#remoteClock.begin();
    const batch = this.commands.open();
    const time = this.client.callBuffer('TIME');
    void this.commands.ask<unknown>(batch, time, (reply) => sample.end(reply), nothing);
  }

  async #probe(): Promise<boolean> {
    if (!this.#connected) return false;
    // Nothing is forgotten, and nothing else sent, before the server has answered.
    if (!(await this.commands.ask(this.commands.open(), this.client.callBuffer('PING'), yes, no)))
      return false;
    return this.#deliver();
  }

  /** Names that the server refuses stay queued, and their keys are not read. The breaker closes all the same. */
  async #deliver(): Promise<boolean> {
    await this.onReturn?.();
    return this.#connected && this.#state.kind !== 'closed';
  }

  #breakerChanged(state: BreakerState, onBreaker: RedisConnectionOptions['onBreaker']): void {
    if (this.#state.kind === 'closed') return;
    onBreaker(state.kind);
    if (state.kind === 'closed') {
      this.#become({ kind: 'ready' });
    } else if (state.kind === 'open' && this.#state.kind === 'ready') {
      if (this.#connected) this.lastError = new Error('commands went unanswered');
      this.#down();
    }
  }

  #become(state: RemoteState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function downBecause(error: Error): RemoteState {
  const down = { kind: 'down', reason: error.message } as const;
  return error instanceof RedisRefusedError ? { ...down, refused: true } : down;
}

const yes = (): boolean => true;
const no = (): boolean => false;
const nothing = (): void => {};
