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

/** A member of the pattern set that is no pattern: without it, the set was lost, or never there (P7). */
const SET_MARK = '<set';

/** Commands of one chunk of `touch`: about 2 ms of work. */
const TOUCHED_AT_ONCE = 250;

export class RedisGenerations implements Generations {
  readonly #nodes: Nodes;
  /** Whether the pattern set was seen. */
  #wasThere = false;

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
  async patterns(
    name: string,
    added: readonly string[],
    guard: string,
  ): Promise<readonly string[] | undefined> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return this.#nodes.onceUsable(name, () => this.patterns(name, added, guard), nothing);
    const { commands, client, prefix } = node;
    const members = () =>
      commands.ask(commands.open(), client.callBuffer('SMEMBERS', prefix + name), stringsIn, nothing);
    // Read behind the set, so that whoever replaces it later has missed the set as well. In the same write while the set
    // may be new: two processes that start together must not take what the other has begun.
    const reading = members();
    const guarding = this.#wasThere || this.#nodes.areMany ? undefined : this.#valueOf(guard);
    const before = await reading;
    if (before === undefined) return undefined;
    this.#wasThere ||= before.includes(SET_MARK);
    const missing = [SET_MARK, ...added].filter((pattern) => !before.includes(pattern));
    if (missing.length === 0) return withoutMark(before);
    if (!before.includes(SET_MARK) && !(await this.#replace(guard, await (guarding ?? this.#valueOf(guard)))))
      return undefined;
    const batch = commands.open();
    const adding = client.callBuffer('SADD', prefix + name, ...missing);
    node.onWrite?.([name], adding);
    const [isAdded, after] = await Promise.all([commands.ask(batch, adding, yes, no), members()]);
    return isAdded && after?.includes(SET_MARK) ? withoutMark(after) : undefined;
  }

  /** `null`: there is none. Undefined if L2 does not answer. */
  async #valueOf(name: string): Promise<string | null | undefined> {
    const node = this.#nodes.of(name);
    if (!node?.usable) return undefined;
    const { commands, client, prefix } = node;
    const reply = client.getBuffer(prefix + name);
    return commands.ask(commands.open(), reply, (value) => (value === null ? null : String(value)), nothing);
  }

  /** The group of this generation is invalid from now on. So it is anyway without one, or under a write lease. */
  async #replace(name: string, value: string | null | undefined): Promise<boolean> {
    const node = this.#nodes.of(name);
    if (value === undefined || node === undefined) return false;
    if (value === null || isWriteLease(value)) return true;
    const { commands, client, prefix, runId } = node;
    const batch = commands.open();
    const command = client.tiercelRestampGenerationBuffer(prefix + name, value, newToken() + runId, '');
    node.onWrite?.([name], command);
    return commands.ask(batch, command, yes, no);
  }
}

function withoutMark(members: readonly string[]): readonly string[] {
  return members.filter((member) => member !== SET_MARK);
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
