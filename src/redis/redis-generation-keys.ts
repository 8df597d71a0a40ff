/**
 * The toolkit's own names in Redis: generation keys of groups and the set of declared patterns (P5, P7, P8), and the sweep for
 * patterns that nobody declared (P10). All answers come within the deadline, but for the sweep, which takes as long as
 * the keyspace is large and goes through it in batches.
 */
import type { Verdict } from '../contract/l2';
import { newToken, TOKEN_LENGTH } from '../contract/tokens';
import type { Batch } from './commands';
import { isWriteLease } from './envelope';
import type { RedisConnection } from './redis-connection';
import { failedWrite, unknown, verdict } from './replies';

/** Keys looked at per step of a sweep: small enough not to hold up other clients (0.6 ms a step, measured). */
const SWEEP_STEP = 1000;

export class RedisGenerationKeys {
  readonly #connection: RedisConnection;
  readonly #stampsAll: boolean;
  #readsOf: Batch | undefined;
  #reads = new Map<string, Promise<string | undefined>>();

  /** @param isOneOfMany on a node of a cluster: it has generation keys that entries of other nodes rely on */
  constructor(connection: RedisConnection, isOneOfMany = false) {
    this.#connection = connection;
    this.#stampsAll = isOneOfMany;
  }

  homeOf(): undefined {
    return undefined;
  }

  readGeneration(name: string, ms: number | undefined): Promise<string | undefined> {
    const { usable, commands } = this.#connection;
    if (!usable) return this.#connection.onceUsable(() => this.readGeneration(name, ms), nothing);
    const batch = commands.open();
    return this.#once(batch, `+${name}`, () =>
      ms === undefined || this.#stampsAll
        ? this.#readStamped(batch, name, ms)
        : this.#readGeneration(batch, name, ms, ''),
    );
  }

  peekGeneration(name: string): Promise<string | undefined> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(undefined);
    const batch = commands.open();
    return this.#once(batch, name, () =>
      commands.ask(batch, client.getBuffer(prefix + name), (reply) => this.#tokenOf(reply), nothing),
    );
  }

  /** Undefined for a generation key of another run of the server, too. */
  #tokenOf(reply: unknown): string | undefined {
    const value = tokenIn(reply);
    const stamp = value?.slice(TOKEN_LENGTH);
    return stamp === '' || stamp === this.#connection.runId ? value?.slice(0, TOKEN_LENGTH) : undefined;
  }

  /** Reads of one generation key that leave in one write are one command: all callers began before it was sent. */
  #once(batch: Batch, what: string, read: () => Promise<string | undefined>): Promise<string | undefined> {
    if (batch !== this.#readsOf) {
      this.#readsOf = batch;
      this.#reads = new Map();
    }
    let reading = this.#reads.get(what);
    if (reading === undefined) {
      reading = read();
      this.#reads.set(what, reading);
    }
    return reading;
  }

  /**
   * The namespace's generation key, which has no expiry, carries the run of the server that it was made in (P40), and in a
   * cluster every generation key does. Where another run's stamp is found, the server was restarted or replaced, and what it
   * holds may be older than invalidations that were acknowledged: the generation key is replaced, which invalidates everything
   * under it.
   */
  async #readStamped(batch: Batch, name: string, ms: number | undefined): Promise<string | undefined> {
    const { commands, client, prefix, runId } = this.#connection;
    const value = await this.#readGeneration(batch, name, ms, runId);
    if (value === undefined || value.slice(TOKEN_LENGTH) === runId) return value?.slice(0, TOKEN_LENGTH);
    const command = client.tiercelRestampMarkerBuffer(prefix + name, value, newToken() + runId, ms ?? '');
    this.#connection.onWrite?.([name], command);
    const replaced = await commands.ask(commands.open(), command, generationIn, nothing);
    return replaced?.slice(0, TOKEN_LENGTH);
  }

  #readGeneration(
    batch: Batch,
    name: string,
    ms: number | undefined,
    stamp: string,
  ): Promise<string | undefined> {
    const { commands, client, prefix, hasNxGet } = this.#connection;
    const token = newToken() + stamp;
    const expiry = ms === undefined ? [] : ['PX', ms];
    const command = hasNxGet
      ? client.callBuffer('SET', prefix + name, token, ...expiry, 'NX', 'GET')
      : client.tiercelReadGenerationBuffer(prefix + name, token, ms ?? '');
    return commands.ask(batch, command, (reply) => (reply === null ? token : generationIn(reply)), nothing);
  }

  removeGeneration(name: string): Promise<Verdict> {
    const { deliverable, commands, client, prefix } = this.#connection;
    if (!deliverable) return this.#connection.onceUsable(() => this.removeGeneration(name), unknown);
    const batch = commands.open();
    const command = client.tiercelRemoveGenerationBuffer(prefix + name);
    this.#connection.onWrite?.([name], command);
    return commands.ask(batch, command, verdict, failedWrite);
  }

  extendGeneration(name: string, ms: number): Promise<Verdict> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(unknown());
    const batch = commands.open();
    return commands.ask(batch, client.tiercelExtendGenerationBuffer(prefix + name, ms), verdict, failedWrite);
  }

  async lock(name: string, ms: number): Promise<boolean> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return false;
    const batch = commands.open();
    const command = client.callBuffer('SET', prefix + name, '', 'PX', ms, 'NX');
    return commands.ask(batch, command, (reply) => reply !== null, no);
  }

  async holdLock(name: string, ms: number): Promise<void> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return;
    await commands.ask(commands.open(), client.callBuffer('PEXPIRE', prefix + name, ms), nothing, nothing);
  }

  async touch(names: readonly string[]): Promise<void> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return;
    const batch = commands.open();
    await Promise.all(
      names.map((name) => commands.ask(batch, client.callBuffer('TOUCH', prefix + name), nothing, nothing)),
    );
  }

  /** Adds only what is missing: an addition is heard by everybody, and makes them read the set again. */
  async patterns(name: string, added: readonly string[]): Promise<readonly string[] | undefined> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return this.#connection.onceUsable(() => this.patterns(name, added), nothing);
    const members = () =>
      commands.ask(commands.open(), client.callBuffer('SMEMBERS', prefix + name), textsIn, nothing);
    const before = await members();
    const missing = added.filter((pattern) => !before?.includes(pattern));
    if (before === undefined || missing.length === 0) return before;
    const batch = commands.open();
    const adding = client.callBuffer('SADD', prefix + name, ...missing);
    this.#connection.onWrite?.([name], adding);
    const [isAdded, after] = await Promise.all([commands.ask(batch, adding, yes, no), members()]);
    return isAdded ? after : undefined;
  }

  /** On a node of a cluster: whether no slot is on its way to it, or from it to another. */
  slotsAreSettled(): Promise<boolean> {
    const { usable, commands, client } = this.#connection;
    if (!usable) return Promise.resolve(false);
    const own = (reply: unknown): string =>
      String(reply)
        .split('\n')
        .find((line) => line.includes('myself'))!;
    return commands.ask(
      commands.open(),
      client.callBuffer('CLUSTER', 'NODES'),
      (reply) => !own(reply).includes('['),
      no,
    );
  }

  async sweep(
    glob: string,
    matches: (key: string) => boolean,
  ): Promise<{ readonly removed: number; readonly complete: boolean }> {
    const { client, prefix } = this.#connection;
    let removed = 0;
    try {
      for await (const names of this.#scan(glob)) {
        const wanted = names.filter((name) => matches(name.slice(prefix.length)));
        const removals = wanted.map((name) => client.tiercelInvalidateBuffer(name));
        for (const [index, name] of wanted.entries()) {
          this.#connection.onWrite?.([name.slice(prefix.length)], removals[index]!);
        }
        await Promise.all(removals);
        removed += wanted.length;
      }
      return { removed, complete: true };
    } catch {
      return { removed, complete: false };
    }
  }

  async purge(token: string, wanted: (key: string) => boolean): Promise<void> {
    const { client, prefix } = this.#connection;
    for await (const names of this.#scan('*')) {
      const keys = names.filter((name) => wanted(name.slice(prefix.length)));
      // A value of another type is an error reply, and not ours to remove.
      await Promise.allSettled(keys.map((name) => client.tiercelPurgeBuffer(name, token)));
    }
  }

  /** Names with the prefix, step by step; some of them perhaps twice. */
  async *#scan(glob: string): AsyncGenerator<readonly string[]> {
    const { client, prefix } = this.#connection;
    let cursor = '0';
    do {
      const match = ['MATCH', escapeGlob(prefix) + glob, 'COUNT', SWEEP_STEP] as const;
      const [next, names] = (await client.callBuffer('SCAN', cursor, ...match)) as [Buffer, Buffer[]];
      yield names.map(String);
      cursor = String(next);
    } while (cursor !== '0');
  }
}

/** Text of a namespace as a glob that matches nothing else. */
function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}

function tokenIn(reply: unknown): string | undefined {
  return reply === null ? undefined : String(reply);
}

/** Undefined for a write lease: something of the group is being changed, and nothing of it may be taken or stored (P24). */
function generationIn(reply: unknown): string | undefined {
  const value = String(reply);
  return isWriteLease(value) ? undefined : value;
}

function textsIn(reply: unknown): readonly string[] | undefined {
  return (reply as Buffer[]).map(String);
}

function nothing(): undefined {
  return undefined;
}

const yes = (): boolean => true;
const no = (): boolean => false;
