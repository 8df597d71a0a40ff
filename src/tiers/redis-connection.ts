/**
 * The data connection to Redis and what is known of it: whether it can be used, since when, and what time it is there.
 * The first command of a turn corks the socket (see `commands.ts`); nothing is sent before the handshake is done.
 */
import type { Clock } from '../contract/clock';
import type { Order } from '../contract/order';
import type { RemoteState } from '../contract/stores';
import { Commands } from './commands';
import type { RedisLike, ScriptMethods } from './redis-like';
import { RemoteClock } from './remote-clock';
import { SCRIPTS } from './scripts';

export interface RedisConnectionOptions {
  readonly namespace: string;
  readonly deadlineMs: number;
}

export class RedisConnection {
  readonly client: RedisLike & ScriptMethods;
  readonly commands: Commands;
  /** Before every name in Redis. */
  readonly prefix: string;
  /** Whether the server takes `SET .. NX GET` (7.0). */
  hasNxGet = false;
  /**
   * Told of each write when it is sent, with the names and the reply to come: for a transport where the writer has to
   * tell the others. Unset where Redis does.
   */
  onWrite: ((names: readonly string[], write: Promise<unknown>) => void) | undefined;
  /** Which run of the server this is connected to; '' where that is not known, or in a cluster, which has many. */
  runId = '';
  lastError = new Error('not connected yet');
  readonly #clock: Clock;
  readonly #remoteClock: RemoteClock;
  readonly #deadlineMs: number;
  readonly #listeners: ((state: RemoteState) => void)[] = [];
  #state: RemoteState = { kind: 'connecting' };
  readonly #firstAttempt: Promise<void>;
  #endFirstAttempt: () => void = () => {};

  constructor(client: RedisLike, order: Order, clock: Clock, options: RedisConnectionOptions) {
    for (const [name, definition] of Object.entries(SCRIPTS)) client.defineCommand(name, definition);
    this.client = client as RedisLike & ScriptMethods;
    this.commands = new Commands(client, order, clock, options.deadlineMs);
    this.prefix = `${options.namespace}:`;
    this.#clock = clock;
    this.#deadlineMs = options.deadlineMs;
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

  get usable(): boolean {
    return this.#state.kind === 'ready';
  }

  /** Milliseconds on the server's clock. */
  now(): number {
    return this.#remoteClock.now();
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#listeners.push(listener);
  }

  async settled(withinMs: number): Promise<void> {
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#firstAttempt, patience]);
    this.#clock.clearTimeout(timer);
  }

  /** For what was asked while not usable: during the very first attempt to connect it waits, at most for one deadline. */
  async onceUsable<T>(ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#state.kind === 'connecting') await this.settled(this.#deadlineMs);
    return this.usable ? ask() : otherwise();
  }

  async close(): Promise<void> {
    this.#become({ kind: 'closed' });
    this.#endFirstAttempt();
    this.client.disconnect();
    this.commands.close();
  }

  #failed(error: Error): void {
    this.lastError = error;
    this.#down();
  }

  #down(): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'down') return;
    this.#become({ kind: 'down', reason: this.lastError.message });
    this.#endFirstAttempt();
  }

  async #ready(): Promise<void> {
    try {
      const sample = this.#remoteClock.begin();
      const info = String(await this.client.callBuffer('INFO', 'server'));
      this.hasNxGet = Number.parseInt(/redis_version:(\d+)/.exec(info)?.[1] ?? '0', 10) >= 7;
      this.runId = this.client.isCluster ? '' : (/run_id:(\w+)/.exec(info)?.[1] ?? '');
      sample.end(await this.client.callBuffer('TIME'));
    } catch (error) {
      this.#failed(error as Error);
      return;
    }
    if (this.#state.kind === 'closed') return;
    this.#become({ kind: 'ready' });
    this.#endFirstAttempt();
  }

  #become(state: RemoteState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
