/**
 * The data connection to one Redis and what is known of it: whether it can be used, and what time it is there. It can
 * be used while it is connected, to a master, and its circuit breaker is closed. The first command of a turn corks the
 * socket (see `commands.ts`); nothing is sent before the handshake is done.
 */
import { type Clock, every, type Timer, withTimeout } from '../contract/clock';
import type { RemoteState } from '../contract/l2';
import type { Order } from '../contract/order';
import { Breaker, type BreakerState } from '../guards/breaker';
import { Commands } from './commands';
import type { RedisLike, ScriptMethods } from './redis-like';
import { RemoteClock } from './remote-clock';
import { SCRIPTS } from './scripts';

export interface RedisConnectionOptions {
  readonly namespace: string;
  /** What events and metrics call it. */
  readonly node: string;
  readonly deadlineMs: number;
  /** Called for each command that the server refused. */
  readonly onRefused?: (error: Error) => void;
  /** Called at each change of the circuit breaker. */
  readonly onBreaker: (state: BreakerState['kind']) => void;
}

const REVIVE_MS = 100;
/** How often the server's clock is read again: quartz drifts by some seconds a day, and clocks are set. */
const SAMPLE_MS = 60_000;

export class RedisConnection {
  readonly client: RedisLike & ScriptMethods;
  readonly commands: Commands;
  readonly node: string;
  /** Before every name in Redis. */
  readonly prefix: string;
  /** Whether the server takes `SET .. NX GET` (7.0). */
  hasNxGet = false;
  /**
   * Told of each write when it is sent, with the names and the reply to come: for a transport where the writer has to
   * tell the others. Unset where Redis does.
   */
  onWrite: ((names: readonly string[], write: Promise<unknown>) => void) | undefined;
  /** See `L2.onReturn`. */
  onReturn: (() => Promise<unknown> | undefined) | undefined;
  /** Which run of the server this is connected to; '' where that is not known. */
  runId = '';
  lastError = new Error('not connected yet');
  readonly #breaker: Breaker;
  readonly #clock: Clock;
  readonly #remoteClock: RemoteClock;
  readonly #deadlineMs: number;
  readonly #sampler: Timer;
  #connected = false;
  #reviver: Timer | undefined;
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
    this.node = options.node;
    this.prefix = `${options.namespace}:`;
    this.#clock = clock;
    this.#deadlineMs = options.deadlineMs;
    this.#remoteClock = new RemoteClock(clock);
    this.#firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
    this.#sampler = every(clock, SAMPLE_MS, () => this.#sampleClock());
    client.on('error', (error: Error) => this.#failed(error));
    client.on('close', () => this.#lost());
    client.on('end', () => this.#ended());
    client.on('ready', () => void this.#ready());
    client.connect().catch((error: Error) => this.#failed(error));
  }

  get state(): RemoteState {
    return this.#state;
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

  /** For what was asked while not usable: during the very first attempt to connect it waits, at most for one deadline. */
  async onceUsable<T>(ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#state.kind === 'connecting') await this.settled(this.#deadlineMs);
    return this.usable ? ask() : otherwise();
  }

  async close(): Promise<void> {
    this.#become({ kind: 'closed' });
    this.#endFirstAttempt();
    this.#breaker.close();
    this.#clock.clearTimeout(this.#reviver);
    this.#clock.clearInterval(this.#sampler);
    this.client.disconnect();
    this.commands.close();
  }

  #failed(error: Error): void {
    this.lastError = error;
    this.#lost();
  }

  #lost(): void {
    this.#connected = false;
    if (this.#state.kind === 'closed') return;
    this.#breaker.trip();
    this.#down();
  }

  /**
   * The client will not connect again by itself. It gives up although it is told to go on for ever where the sentinels
   * announce a failover while it is asking them for the master.
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
    this.#become({ kind: 'down', reason: this.lastError.message });
    this.#endFirstAttempt();
  }

  async #ready(): Promise<void> {
    try {
      const sample = this.#remoteClock.begin();
      const [server, replication] = await Promise.all([
        this.client.callBuffer('INFO', 'server'),
        this.client.callBuffer('INFO', 'replication'),
      ]);
      const info = String(server);
      if (/role:slave/.test(String(replication))) {
        this.#failed(new Error('this server is a replica, not a master'));
        // Perhaps not for long, or under a name that will soon lead elsewhere.
        this.client.disconnect(true);
        return;
      }
      this.hasNxGet = Number.parseInt(/redis_version:(\d+)/.exec(info)?.[1] ?? '0', 10) >= 7;
      this.runId = /run_id:(\w+)/.exec(info)?.[1] ?? '';
      sample.end(await this.client.callBuffer('TIME'));
    } catch (error) {
      this.#failed(error as Error);
      return;
    }
    if (this.#state.kind === 'closed') return;
    this.#connected = true;
    // The handshake was proof enough of the server; what is left to do is to deliver.
    if (this.#breaker.state.kind !== 'closed') await this.#breaker.attempt(() => this.#deliver());
    else if (await this.#deliver()) this.#become({ kind: 'ready' });
    this.#endFirstAttempt();
  }

  #sampleClock(): void {
    if (!this.usable) return;
    const sample = this.#remoteClock.begin();
    const batch = this.commands.open();
    const time = this.client.callBuffer('TIME');
    void this.commands.ask(batch, time, (reply) => sample.end(reply), nothing);
  }

  async #probe(): Promise<boolean> {
    if (!this.#connected) return false;
    const answered = this.commands.ask(this.commands.open(), this.client.callBuffer('PING'), yes, no);
    return (await Promise.all([answered, this.#deliver()])).every(Boolean);
  }

  /** Names that the server refuses stay queued, and their keys are not read: that is no reason to stay open. */
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

const yes = (): boolean => true;
const no = (): boolean => false;
const nothing = (): void => {};
