/**
 * Redis as the toolkit uses it, in memory: the commands, the scripts, expiry, and the messages of `CLIENT TRACKING`.
 * `simulated-redis.test.ts` holds replies, values, times to live and messages against a real server. It knows nothing
 * of connections or of order: a command runs when it is called.
 */
import type { Clock } from '../contract/clock';
import type { ScriptName } from '../redis/scripts';
import { type Reply, type ScriptedRedis, SIMULATED_SCRIPTS } from './simulated-scripts';

export type Argument = string | Buffer | number;
/** Told what has changed: a name, or `null` where everything has gone; and which change of the server's this is. */
export type Listener = (name: string | null, change: number) => void;

interface Slot {
  readonly value: string | ReadonlySet<string>;
  /** On the clock; `Infinity`: never. */
  readonly expiresAt: number;
}

/** Changes that a restart can lose. */
export const MOST_LOST = 30;

/** Lies of a server, which whoever relies on it must not get past. */
export interface Sabotage {
  /** Run instead of the true ones. */
  readonly scripts?: Partial<typeof SIMULATED_SCRIPTS>;
  /** After a restart it claims to be the same run. */
  readonly hidesRestarts?: boolean;
}

/** As ioredis rejects where the server has answered with an error. */
export class SimulatedReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** Commands that a server refuses as a whole while it takes no writes; of a script it refuses the write inside. */
const WRITING = new Set(['SET', 'DEL', 'PEXPIRE', 'SADD']);

export class SimulatedRedis implements ScriptedRedis {
  readonly listeners = new Set<Listener>();
  /** It answers reads and refuses writes, as one whose replicas are away. */
  refusesWrites = false;
  readonly #clock: Clock;
  readonly #scripts: typeof SIMULATED_SCRIPTS;
  readonly #sabotage: Sabotage;
  #slots = new Map<string, Slot>();
  /** How to undo each of the latest changes, the last one last. */
  #undo: (() => void)[] = [];
  #runs = 1;
  #changes = 0;
  #isInScript = false;

  constructor(clock: Clock, sabotage: Sabotage = {}) {
    this.#clock = clock;
    this.#sabotage = sabotage;
    this.#scripts = { ...SIMULATED_SCRIPTS, ...sabotage.scripts };
  }

  run(command: string, args: readonly Argument[]): Reply {
    this.#expire();
    const [name = '', ...others] = args.map(bytesOf);
    if (WRITING.has(command)) this.#checkWritable();
    switch (command) {
      case 'GET':
        return this.get(name) ?? null;
      case 'MGET':
        return [name, ...others].map((one) => this.#string(one) ?? null);
      case 'SET':
        return this.#set(name, others[0]!, others.slice(1));
      case 'DEL':
        return this.remove(name);
      case 'PEXPIRE':
        return this.expireIn(name, Number(others[0]));
      case 'TOUCH':
        return this.#slots.has(name) ? 1 : 0;
      case 'SADD':
        return this.#add(name, others);
      case 'SMEMBERS':
        return [...this.#members(name)];
      case 'SCAN':
        // The whole keyspace in one step: the toolkit asks for its own names, and looks at what it gets.
        return ['0', this.names()];
      case 'PING':
        return 'PONG';
      case 'TIME':
        return this.#time();
      case 'INFO':
        return `redis_version:7.0.15\r\nrun_id:run${this.#runs}\r\nrole:master\r\n`;
      default:
        return this.#script(command as ScriptName, name, others);
    }
  }

  /** Comes back as another run, as it was before its last `losing` changes. */
  restart(losing: number): void {
    if (this.#sabotage.hidesRestarts !== true) this.#runs += 1;
    for (const undo of this.#undo.reverse().slice(0, losing)) undo();
    this.#undo = [];
  }

  flush(): void {
    const before = this.#slots;
    this.#change(
      null,
      () => {
        this.#slots = new Map();
      },
      () => {
        this.#slots = before;
      },
    );
  }

  /** How many changes there have been. */
  get changes(): number {
    return this.#changes;
  }

  names(): readonly string[] {
    this.#expire();
    return [...this.#slots.keys()];
  }

  get(name: string): string | undefined {
    if (this.#slots.has(name) && this.#string(name) === undefined) {
      throw new SimulatedReplyError('WRONGTYPE Operation against a key holding the wrong kind of value');
    }
    return this.#string(name);
  }

  /** `ms` undefined: it never expires. */
  put(name: string, value: string | ReadonlySet<string>, ms: number | undefined): void {
    const expiresAt = ms === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + ms;
    this.#put(name, { value, expiresAt });
  }

  /** With the time to live that it had. */
  replace(name: string, value: string): void {
    const { expiresAt } = this.#slots.get(name)!;
    this.#put(name, { value, expiresAt });
  }

  remove(name: string): number {
    if (!this.#slots.has(name)) return 0;
    this.#put(name, undefined);
    return 1;
  }

  expireIn(name: string, ms: number): number {
    const slot = this.#slots.get(name);
    if (slot === undefined) return 0;
    this.put(name, slot.value, ms);
    return 1;
  }

  /** As `PTTL`: -2 where there is nothing, -1 for what never expires. */
  msLeft(name: string): number {
    const slot = this.#slots.get(name);
    if (slot === undefined) return -2;
    return slot.expiresAt === Number.POSITIVE_INFINITY ? -1 : slot.expiresAt - this.#clock.now();
  }

  #set(name: string, value: string, options: readonly string[]): Reply {
    const before = options.includes('NX') ? this.#slots.get(name) : undefined;
    if (before !== undefined) return options.includes('GET') ? this.get(name)! : null;
    this.put(name, value, options.includes('PX') ? Number(options[options.indexOf('PX') + 1]) : undefined);
    return options.includes('GET') ? null : 'OK';
  }

  #add(name: string, added: readonly string[]): number {
    const before = this.#members(name);
    const after = new Set([...before, ...added]);
    if (after.size > before.size) this.put(name, after, undefined);
    return after.size - before.size;
  }

  #members(name: string): ReadonlySet<string> {
    return (this.#slots.get(name)?.value ?? new Set()) as ReadonlySet<string>;
  }

  /** `undefined` for a value of another type, too. */
  #string(name: string): string | undefined {
    const value = this.#slots.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  #script(script: ScriptName, name: string, args: readonly string[]): Reply {
    const run = this.#scripts[script];
    if (run === undefined) throw new SimulatedReplyError(`ERR unknown command '${script}'`);
    this.#isInScript = true;
    try {
      return run(this, name, args);
    } finally {
      this.#isInScript = false;
    }
  }

  #checkWritable(): void {
    if (this.refusesWrites) throw new SimulatedReplyError('NOREPLICAS Not enough good replicas to write.');
  }

  #time(): Reply {
    const ms = this.#clock.wall();
    return [String(Math.floor(ms / 1_000)), String(Math.round((ms % 1_000) * 1_000))];
  }

  #expire(): void {
    for (const [name, { expiresAt }] of this.#slots) {
      if (expiresAt <= this.#clock.now()) this.remove(name);
    }
  }

  #put(name: string, slot: Slot | undefined): void {
    const before = this.#slots.get(name);
    const become = (one: Slot | undefined) => () => {
      if (one === undefined) this.#slots.delete(name);
      else this.#slots.set(name, one);
    };
    this.#change(name, become(slot), become(before));
  }

  #change(name: string | null, make: () => void, undo: () => void): void {
    if (this.#isInScript) this.#checkWritable();
    make();
    this.#undo.push(undo);
    if (this.#undo.length > MOST_LOST) this.#undo.shift();
    this.#changes += 1;
    for (const tell of this.listeners) tell(name, this.#changes);
  }
}

/** Bytes as text, one character each, so that lengths and positions are those of the scripts. */
function bytesOf(argument: Argument): string {
  const bytes = Buffer.isBuffer(argument) ? argument : Buffer.from(String(argument));
  return bytes.toString('latin1');
}
