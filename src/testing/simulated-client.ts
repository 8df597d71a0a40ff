/**
 * Stands in for an ioredis client, over a network whose every step the test schedules: a connection is two queues,
 * first in, first out, and each command, reply, message and end of a connection is delivered in a step of its own.
 * What is in a queue when the connection breaks may have run or not, and may be lost or not.
 */
import { EventEmitter } from 'node:events';
import type { Clock } from '../contract/clock';
import { SCRIPTS } from '../redis/scripts';
import type { Argument, SimulatedRedis } from './simulated-redis';
import type { Reply } from './simulated-scripts';

export interface Network {
  readonly redis: SimulatedRedis;
  readonly clock: Clock;
  /** Resolves when it is this step's turn. */
  step(what: string): Promise<void>;
}

interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/** What comes back: an answer, a message of a change, or the end. `what` is for people who read a schedule. */
interface Delivery {
  readonly what: string;
  /** Of a message: which change of the server's it tells. */
  readonly change?: number;
  arrive(): void;
}

const INVALIDATIONS = Buffer.from('__redis__:invalidate');

export class SimulatedClient extends EventEmitter {
  // What the toolkit looks at in an ioredis client.
  status = 'wait';
  readonly options = { host: 'simulated', port: 6379 };
  readonly stream = {
    cork: () => undefined,
    uncork: () => undefined,
    unref: () => undefined,
    destroy: () => this.#connection?.drop(),
  };
  /** Never silent for too long. */
  readonly commandQueue: readonly unknown[] = [];
  readonly #network: Network;
  readonly #name: string;
  readonly #others: SimulatedClient[];
  #connection: Connection | undefined;
  #attempts = 0;
  #wanted = false;

  constructor(network: Network, name: string, others: SimulatedClient[] = []) {
    super();
    this.#network = network;
    this.#name = name;
    this.#others = others;
  }

  /** All that were duplicated from this one, in order: those that the toolkit uses. */
  get duplicates(): readonly SimulatedClient[] {
    return this.#others;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  duplicate(): SimulatedClient {
    const duplicate = new SimulatedClient(this.#network, `${this.#name}.${this.#others.length}`);
    this.#others.push(duplicate);
    return duplicate;
  }

  defineCommand(): void {}

  getBuffer(key: string): Promise<unknown> {
    return this.callBuffer('GET', key);
  }

  call(command: string, ...args: Argument[]): Promise<unknown> {
    return this.callBuffer(command, ...args);
  }

  subscribe(channel: string): Promise<unknown> {
    return this.callBuffer('SUBSCRIBE', channel);
  }

  ping(): Promise<unknown> {
    return this.callBuffer('PING');
  }

  callBuffer(name: string, ...args: Argument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const connection = this.#connection;
      if (connection === undefined) reject(new Error('not connected'));
      else connection.send({ name, args, resolve, reject });
    });
  }

  async connect(): Promise<void> {
    this.#wanted = true;
    await this.#network.step(`${this.#name} connects`);
    if (!this.#wanted) return;
    this.#attempts = 0;
    this.#connection = new Connection(this.#network, this.#name, {
      told: (names) => this.emit('messageBuffer', INVALIDATIONS, names),
      ended: () => this.#ended(),
    });
    this.status = 'ready';
    this.emit('connect');
    this.emit('ready');
  }

  disconnect(reconnect = false): void {
    this.#wanted = reconnect;
    this.#connection?.drop();
  }

  #ended(): void {
    this.#connection = undefined;
    this.status = 'close';
    this.emit('close');
    if (!this.#wanted) {
      this.emit('end');
      return;
    }
    this.#attempts += 1;
    this.#network.clock.setTimeout(
      () => {
        if (this.#wanted) void this.connect();
      },
      Math.min(20 * this.#attempts, 250),
    );
  }
}

// As ioredis does it: a script is a method.
for (const script of Object.keys(SCRIPTS)) {
  Object.defineProperty(SimulatedClient.prototype, `${script}Buffer`, {
    value(this: SimulatedClient, ...args: Argument[]) {
      return this.callBuffer(script, ...args);
    },
  });
}

interface Ends {
  told(names: readonly Buffer[] | null): void;
  ended(): void;
}

export class Connection {
  readonly #network: Network;
  readonly #name: string;
  readonly #ends: Ends;
  readonly #commands: Command[] = [];
  readonly #deliveries: Delivery[] = [];
  /** Changed since the server's cycle began: it tells them in one message, each once, when the cycle ends. */
  readonly #changed = new Set<string>();
  /** The first change of the cycle. */
  #changedSince: number | undefined;
  /** Sent, and not answered. */
  readonly #open = new Set<Command>();
  #cut = false;
  #dropped = false;
  #released: Promise<void> | undefined;
  #release: () => void = () => undefined;
  #tracks = false;
  #deafAfter = Number.POSITIVE_INFINITY;

  constructor(network: Network, name: string, ends: Ends) {
    this.#network = network;
    this.#name = name;
    this.#ends = ends;
  }

  /** Whether it carries messages of changes. */
  get tracks(): boolean {
    return this.#tracks;
  }

  /** All changes of the server's up to this one are known at this end, as far as it hears of any; later ones are not. */
  get heardUpTo(): number {
    const waiting = this.#firstWaiting;
    return Math.min(waiting === undefined ? Number.POSITIVE_INFINITY : waiting - 1, this.#deafAfter);
  }

  send(command: Command): void {
    this.#open.add(command);
    if (this.#cut) return;
    this.#commands.push(command);
    if (this.#commands.length === 1) void this.#carry();
  }

  /** The network breaks it: what the server has not read is lost, and, if so wanted, what is on the way back. */
  cut(losesReplies: boolean): void {
    if (this.#cut) return;
    this.#cut = true;
    const { changes } = this.#network.redis;
    this.#deafAfter = losesReplies ? Math.min(this.heardUpTo, changes) : changes;
    this.#network.redis.listeners.delete(this.#told);
    this.#commands.length = 0;
    if (losesReplies) {
      this.#changed.clear();
      this.#deliveries.length = 0;
    }
    this.#endCycle();
    this.release();
    this.#deliver({ what: 'end', arrive: () => this.drop() });
  }

  /** This end gives it up: what was sent may still run, and nobody hears of it. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#network.redis.listeners.delete(this.#told);
    for (const { reject } of this.#open) reject(new Error('Connection is closed.'));
    this.#open.clear();
    this.#ends.ended();
  }

  /** What comes back waits until `release`. */
  hold(): void {
    this.#released ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
    this.#released = undefined;
  }

  /** To the server, one after the other: those of others come in between. */
  async #carry(): Promise<void> {
    for (let next = this.#commands[0]; next !== undefined; next = this.#commands[0]) {
      await this.#network.step(`${this.#name} sends ${next.name} ${next.args[0] ?? ''}`);
      if (this.#commands[0] === next) this.#run(next);
      this.#commands.shift();
    }
  }

  #run(command: Command): void {
    const { name, args, resolve, reject } = command;
    let arrive: () => void;
    try {
      const reply = this.#answer(name, args);
      arrive = () => resolve(buffersOf(reply));
    } catch (error) {
      arrive = () => reject(error as Error);
    }
    this.#deliver({
      what: `answer to ${name} ${args[0] ?? ''}`,
      arrive: () => {
        if (this.#open.delete(command)) arrive();
      },
    });
  }

  #answer(name: string, args: readonly Argument[]): Reply {
    if (name === 'CLIENT') {
      if (args[0] === 'TRACKING') {
        this.#tracks = true;
        if (!this.#dropped) this.#network.redis.listeners.add(this.#told);
      }
      return 1;
    }
    return name === 'SUBSCRIBE' ? 1 : this.#network.redis.run(name, args);
  }

  get #firstWaiting(): number | undefined {
    return this.#deliveries.find(({ change }) => change !== undefined)?.change ?? this.#changedSince;
  }

  #told = (name: string | null, change: number): void => {
    if (name === null) {
      this.#endCycle();
      this.#deliver({ what: 'message of a flush', change, arrive: () => this.#ends.told(null) });
      return;
    }
    this.#changed.add(name);
    if (this.#changedSince !== undefined) return;
    this.#changedSince = change;
    void this.#network.step(`${this.#name}: the server's cycle ends`).then(() => this.#endCycle());
  };

  #endCycle(): void {
    const names = [...this.#changed];
    const change = this.#changedSince;
    this.#changed.clear();
    this.#changedSince = undefined;
    if (names.length === 0 || change === undefined) return;
    this.#deliver({
      what: `message of ${names.join(', ')}`,
      change,
      arrive: () => this.#ends.told(names.map((name) => Buffer.from(name, 'latin1'))),
    });
  }

  #deliver(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    if (this.#deliveries.length === 1) void this.#bring();
  }

  /** To the client, one after the other. */
  async #bring(): Promise<void> {
    for (let next = this.#deliveries[0]; next !== undefined; next = this.#deliveries[0]) {
      await this.#network.step(`${this.#name} hears ${next.what}`);
      await this.#released;
      if (this.#deliveries[0] !== next) continue;
      this.#deliveries.shift();
      if (!this.#dropped) next.arrive();
    }
  }
}

function buffersOf(reply: Reply): unknown {
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1');
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(buffersOf) : reply;
}
