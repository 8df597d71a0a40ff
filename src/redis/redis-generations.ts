/**
 * The generation keys of groups and the set of declared patterns (P5, P7, P8), each on the node that serves its name.
 */
import type { Generations, Verdict } from '../contract/l2';
import { newToken, TOKEN_LENGTH } from '../contract/tokens';
import type { CommandBatch } from './commands';
import { isWriteLease } from './envelope';
import type { Nodes } from './nodes';
import type { RedisConnection } from './redis-connection';
import { failedWrite, unknown, verdict } from './replies';

/** Commands of one chunk of `touch`: about 2 ms of work. */
const TOUCHED_AT_ONCE = 250;

export class RedisGenerations implements Generations {
  readonly #nodes: Nodes;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  read(name: string, ms: number | undefined): Promise<string | undefined> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return this.#nodes.onceUsable(name, () => this.read(name, ms), nothing);
    const batch = node.commands.open();
    return once(batch, name, () =>
      ms === undefined || this.#nodes.areMany
        ? readStamped(node, batch, name, ms)
        : readOrCreate(node, batch, name, ms, ''),
    );
  }

  async peek(name: string): Promise<string | undefined> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return undefined;
    const { reads, prefix, runId } = node;
    return new Promise((resolve) => {
      reads.ask([prefix + name], (value) =>
        resolve(value instanceof Error ? undefined : generationOfRun(value, runId)),
      );
    });
  }

  remove(name: string): Promise<Verdict> {
    const node = this.#nodes.of(name);
    if (!node?.deliverable) return Promise.resolve(unknown());
    const { commands, client, prefix } = node;
    const batch = commands.open();
    const command = client.tiercelRemoveGenerationBuffer(prefix + name);
    node.onWrite?.([name], command);
    return commands.ask(batch, command, verdict, failedWrite);
  }

  extend(name: string, ms: number): Promise<Verdict> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return Promise.resolve(unknown());
    const { commands, client, prefix } = node;
    const batch = commands.open();
    return commands.ask(batch, client.tiercelExtendGenerationBuffer(prefix + name, ms), verdict, failedWrite);
  }

  /** In chunks, one after the other: tens of thousands of commands at once would hold the event loop. */
  async touch(names: readonly string[]): Promise<void> {
    for (let from = 0; from < names.length; from += TOUCHED_AT_ONCE) {
      const chunk = names.slice(from, from + TOUCHED_AT_ONCE).map((name) => {
        const node = this.#nodes.of(name);
        if (!node?.usable) return undefined;
        const { commands, client, prefix } = node;
        return commands.ask(commands.open(), client.callBuffer('TOUCH', prefix + name), nothing, nothing);
      });
      await Promise.all(chunk);
    }
  }

  /** Adds only what is missing: every process hears of an addition, and reads the set again. */
  async patterns(name: string, added: readonly string[]): Promise<readonly string[] | undefined> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return this.#nodes.onceUsable(name, () => this.patterns(name, added), nothing);
    const { commands, client, prefix } = node;
    const members = () =>
      commands.ask(commands.open(), client.callBuffer('SMEMBERS', prefix + name), stringsIn, nothing);
    const before = await members();
    const missing = added.filter((pattern) => !before?.includes(pattern));
    if (before === undefined || missing.length === 0) return before;
    const batch = commands.open();
    const adding = client.callBuffer('SADD', prefix + name, ...missing);
    node.onWrite?.([name], adding);
    const [isAdded, after] = await Promise.all([commands.ask(batch, adding, yes, no), members()]);
    return isAdded ? after : undefined;
  }
}

/** Reads of one generation key that leave in one write are one command: every caller asked before it was sent. */
function once(
  batch: CommandBatch,
  what: string,
  read: () => Promise<string | undefined>,
): Promise<string | undefined> {
  batch.generationReads ??= new Map();
  let reading = batch.generationReads.get(what);
  if (reading === undefined) {
    reading = read();
    batch.generationReads.set(what, reading);
  }
  return reading;
}

/**
 * The namespace's generation key, which has no expiry, carries the run of the server that it was made in (P40). In a
 * cluster every generation key does. A stamp of another run means that the server was restarted or replaced, and that it
 * may hold values older than acknowledged invalidations. The generation key is replaced, which invalidates everything
 * under it.
 */
async function readStamped(
  node: RedisConnection,
  batch: CommandBatch,
  name: string,
  ms: number | undefined,
): Promise<string | undefined> {
  const { commands, client, prefix, runId } = node;
  const value = await readOrCreate(node, batch, name, ms, runId);
  if (value === undefined || value.slice(TOKEN_LENGTH) === runId) return value?.slice(0, TOKEN_LENGTH);
  const command = client.tiercelRestampGenerationBuffer(prefix + name, value, newToken() + runId, ms ?? '');
  node.onWrite?.([name], command);
  const replaced = await commands.ask(commands.open(), command, generationIn, nothing);
  return replaced?.slice(0, TOKEN_LENGTH);
}

function readOrCreate(
  { commands, client, prefix, hasNxGet }: RedisConnection,
  batch: CommandBatch,
  name: string,
  ms: number | undefined,
  stamp: string,
): Promise<string | undefined> {
  const generation = newToken() + stamp;
  const expiry = ms === undefined ? [] : ['PX', ms];
  const command = hasNxGet
    ? client.callBuffer('SET', prefix + name, generation, ...expiry, 'NX', 'GET')
    : client.tiercelReadGenerationBuffer(prefix + name, generation, ms ?? '');
  return commands.ask(
    batch,
    command,
    (reply) => (reply === null ? generation : generationIn(reply)),
    nothing,
  );
}

/** Undefined for an absent generation key, for one of another run of the server, and for a write lease. */
export function generationOfRun(value: Buffer | null, runId: string): string | undefined {
  if (value === null) return undefined;
  const text = value.toString('latin1');
  const stamp = text.slice(TOKEN_LENGTH);
  return stamp === '' || stamp === runId ? text.slice(0, TOKEN_LENGTH) : undefined;
}

/** Undefined for a write lease: something of the group is being changed, so nothing of it may be taken or stored (P24). */
function generationIn(reply: unknown): string | undefined {
  const value = String(reply);
  return isWriteLease(value) ? undefined : value;
}

function stringsIn(reply: unknown): readonly string[] | undefined {
  return (reply as Buffer[]).map(String);
}

function nothing(): undefined {
  return undefined;
}

const yes = (): boolean => true;
const no = (): boolean => false;
