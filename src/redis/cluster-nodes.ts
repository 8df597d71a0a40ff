/**
 * The masters of a Redis Cluster, and which slots each serves (P41). Each has its own connection, breaker, deadlines and
 * batches, like a single server. This file follows the topology, and proves again and again that each master still serves
 * its slots. Redirections are not followed: a node that says `MOVED` or `ASK` has not served. Until the topology is known
 * again, the engine loads, and keeps invalidations in its outbox.
 */
import { type Clock, every, type Timer, withTimeout } from '../contract/clock';
import type { NodeBreaker, RemoteState } from '../contract/l2';
import { errorCode } from './error-code';
import { FIRST_ATTEMPT_MS, type Nodes } from './nodes';
import { type RedisConnection, TRIAL_PREFIX } from './redis-connection';
import { hashTagOf, SLOTS, slotOf } from './slots';

/** The map of the slots: of an ioredis `Cluster`, which never carries a command. */
export interface Topology {
  /** For each slot the addresses of its master and replicas. */
  readonly slots: readonly (readonly string[] | undefined)[];
  refreshSlotsCache(done: (error?: Error | null) => void): void;
  on(event: string, listener: (...args: any[]) => void): unknown;
  connect(): Promise<void>;
  disconnect(): void;
}

export interface ClusterOptions {
  readonly namespace: string;
  /** How often each master proves that it serves its slots. */
  readonly proofMs: number;
  readonly deadlineMs: number;
  /** Undefined if the topology no longer has the address. */
  readonly newNode: (
    address: string,
    firstAttemptMs: number,
    onRefused: (error: Error) => void,
  ) => RedisConnection | undefined;
}

interface Member {
  readonly node: RedisConnection;
  /** The name of the node's own generation key, without the namespace: it lies in a slot of the node. */
  home: string;
  /** When the last proof was sent that the node serves its slots. */
  servedAt: number;
}

const REDIRECTIONS = new Set(['MOVED', 'ASK']);
/** Between two requests for the topology: each opens a connection for as long as it takes. */
const REFRESH_PAUSE_MS = 100;
const HOME_PREFIX = '<home:';

export class ClusterNodes implements Nodes {
  readonly areMany = true;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #options: ClusterOptions;
  readonly #prefix: string;
  readonly #prover: Timer;
  readonly #changeListeners: (() => void)[] = [];
  readonly #stateListeners: ((state: RemoteState) => void)[] = [];
  readonly #usableListeners: (() => void)[] = [];
  readonly #members = new Map<string, Member>();
  #onReturn: (() => Promise<unknown> | undefined) | undefined;
  #bySlot: (Member | undefined)[] = [];
  #state: RemoteState = { kind: 'connecting' };
  #lastError = new Error('no node of the cluster was reached yet');
  #refreshPause: Timer | undefined;
  #isRefreshing = false;
  #endFirstAttempt: () => void = () => {};
  readonly #firstAttempt: Promise<void>;
  readonly #startedAt: number;
  /** Counts changes of the topology. */
  version = 0;

  constructor(topology: Topology, clock: Clock, options: ClusterOptions) {
    this.#topology = topology;
    this.#clock = clock;
    this.#options = options;
    this.#prefix = `${options.namespace}:`;
    this.#startedAt = clock.now();
    this.#firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
    this.#prover = every(clock, options.proofMs, () => this.#proveAll());
    topology.on('refresh', () => this.#refreshed());
    topology.on('error', (error: Error) => this.#unreached(error));
    topology.connect().catch((error: Error) => this.#unreached(error));
  }

  get state(): RemoteState {
    return this.#state;
  }

  get all(): readonly RedisConnection[] {
    return [...this.#members.values()].map(({ node }) => node);
  }

  /** The master that serves this name; undefined where none is known to. */
  of(name: string): RedisConnection | undefined {
    return this.#memberOf(name)?.node;
  }

  async onceUsable<T>(name: string, ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#state.kind === 'connecting') {
      await withTimeout(this.#clock, this.#firstAttempt, FIRST_ATTEMPT_MS);
    }
    const node = this.of(name);
    if (node === undefined) return otherwise();
    return node.usable ? ask() : node.onceUsable(ask, otherwise);
  }

  now(name: string): number {
    return (this.of(name) ?? this.all[0])?.now() ?? Number.POSITIVE_INFINITY;
  }

  get breakers(): readonly NodeBreaker[] {
    return this.all.map(({ node, breaker }) => ({ node, state: breaker }));
  }

  homeOf(key: string): string | undefined {
    return this.#memberOf(key)?.home;
  }

  /** When the last proof was sent that this node serves its slots; `-Infinity` if it never was. */
  servedAt({ node }: RedisConnection): number {
    return this.#members.get(node)?.servedAt ?? Number.NEGATIVE_INFINITY;
  }

  get lastError(): Error {
    return this.all.find(({ usable }) => !usable)?.lastError ?? this.#lastError;
  }

  /** For how long a name has had no node that could be used. */
  awayMs(name: string): number {
    const node = this.of(name);
    return node === undefined ? this.#clock.now() - this.#startedAt : node.awayMs();
  }

  /** Some slot is served by another node, or there is a new one. */
  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#stateListeners.push(listener);
  }

  onUsable(listener: () => void): void {
    this.#usableListeners.push(listener);
  }

  onReturn(listener: () => Promise<unknown> | undefined): void {
    this.#onReturn = listener;
    for (const node of this.all) node.onReturn = listener;
  }

  async settled(withinMs: number): Promise<void> {
    const until = this.#clock.now() + withinMs;
    await withTimeout(this.#clock, this.#firstAttempt, withinMs);
    const left = until - this.#clock.now();
    await Promise.all(this.all.map((node) => node.settled(left)));
  }

  /** Ask where the slots are; while one such request is under way, or has just been, that one counts. */
  refresh(): void {
    if (this.#isRefreshing || this.#state.kind === 'closed') return;
    this.#isRefreshing = true;
    this.#topology.refreshSlotsCache(() => {
      if (this.#state.kind === 'closed') return;
      this.#refreshPause = this.#clock.setTimeout(() => {
        this.#isRefreshing = false;
      }, REFRESH_PAUSE_MS);
      this.#refreshPause.unref?.();
    });
  }

  async areSettled(): Promise<boolean> {
    const answers = await Promise.all(this.all.map(slotsAreSettled));
    return this.#state.kind === 'ready' && answers.every(Boolean);
  }

  async close(): Promise<void> {
    this.#become({ kind: 'closed' });
    this.#endFirstAttempt();
    this.#clock.clearInterval(this.#prover);
    this.#clock.clearTimeout(this.#refreshPause);
    this.#topology.disconnect();
    await Promise.all(this.all.map((node) => node.close()));
  }

  #memberOf(name: string): Member | undefined {
    return this.#bySlot[slotOf(this.#prefix + name)];
  }

  #unreached(error: Error): void {
    this.#lastError = error;
    if (this.#members.size === 0) this.#judge();
    this.#endFirstAttempt();
  }

  #refreshed(): void {
    if (this.#state.kind === 'closed') return;
    const { slots } = this.#topology;
    const masters = Array.from({ length: SLOTS }, (_, slot) => slots[slot]?.[0]);
    if (masters.some((address, slot) => address !== this.#bySlot[slot]?.node.node)) this.#follow(masters);
    this.#endFirstAttempt();
  }

  #follow(masters: readonly (string | undefined)[]): void {
    const addresses = new Set(masters);
    for (const [address, { node }] of this.#members) {
      if (addresses.has(address)) continue;
      this.#members.delete(address);
      void node.close();
    }
    for (const address of addresses) {
      if (address !== undefined && !this.#members.has(address)) this.#add(address);
    }
    this.#bySlot = masters.map((address) => (address === undefined ? undefined : this.#members.get(address)));
    this.#findHomes();
    this.version += 1;
    for (const listener of this.#changeListeners) listener();
    this.#judge();
    this.#proveAll();
  }

  #add(address: string): void {
    // A node that takes over is waited for like any command: the cluster was reached before.
    const limitMs = this.#bySlot.length === 0 ? FIRST_ATTEMPT_MS : this.#options.deadlineMs;
    const node = this.#options.newNode(address, limitMs, (error) => {
      if (REDIRECTIONS.has(errorCode(error))) this.refresh();
    });
    if (node === undefined) return;
    const member: Member = { node, home: '', servedAt: Number.NEGATIVE_INFINITY };
    this.#members.set(address, member);
    node.onReturn = this.#onReturn;
    node.onState(({ kind }) => {
      if (kind === 'ready') {
        for (const listener of this.#usableListeners) listener();
        void this.#prove(member);
      }
      if (kind === 'down') this.refresh();
      this.#judge();
    });
  }

  #findHomes(): void {
    for (const member of this.#members.values()) member.home = '';
    this.#findNames(HOME_PREFIX, (member, name) => {
      member.home = name;
    });
    this.#findNames(`${TRIAL_PREFIX}:`, ({ node }, name) => {
      node.trialName = name;
    });
  }

  /** For each member the first of a series of names that it serves: all processes with the same topology agree on it. */
  #findNames(series: string, found: (member: Member, name: string) => void): void {
    const missing = new Set(this.#bySlot);
    missing.delete(undefined);
    // Under a prefix with a hash tag all names lie in one slot: one master has a name, the others serve none.
    const last = hashTagOf(this.#prefix) === undefined ? Number.POSITIVE_INFINITY : 0;
    for (let i = 0; missing.size > 0 && i <= last; i += 1) {
      const name = series + i;
      const member = this.#memberOf(name);
      if (member !== undefined && missing.delete(member)) found(member, name);
    }
  }

  #proveAll(): void {
    for (const member of this.#members.values()) void this.#prove(member);
  }

  /**
   * Only the master of a slot answers for a name of it, and only while the cluster is well. A former master that was
   * demoted in order goes on to answer the channel's `PING`, and to send what it hears itself, late or never.
   */
  async #prove(member: Member): Promise<void> {
    const { node } = member;
    if (!node.usable) {
      this.refresh();
      return;
    }
    const sentAt = this.#clock.now();
    if (member.home === '') {
      // It serves no name of this cache, so it has nothing to prove.
      member.servedAt = sentAt;
      return;
    }
    const { commands, client, prefix } = node;
    const isServed = await commands.ask(commands.open(), client.getBuffer(prefix + member.home), yes, no);
    if (isServed) member.servedAt = sentAt;
    else this.refresh();
  }

  #judge(): void {
    if (this.#state.kind === 'closed') return;
    const isWhole = this.#bySlot.length > 0 && !this.#bySlot.includes(undefined);
    const states = this.all.map(({ state }) => state.kind);
    if (isWhole && states.every((kind) => kind === 'ready')) this.#become({ kind: 'ready' });
    else if (this.#members.size === 0 || states.includes('down')) {
      this.#become({ kind: 'down', reason: this.lastError.message });
    }
  }

  #become(state: RemoteState): void {
    if (state.kind === this.#state.kind) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}

/** Whether no slot is on its way to this node, or from it to another. */
async function slotsAreSettled({ usable, commands, client }: RedisConnection): Promise<boolean> {
  if (!usable) return false;
  const ownLine = (reply: unknown): string =>
    String(reply)
      .split('\n')
      .find((line) => line.includes('myself')) ?? '[';
  return commands.ask(
    commands.open(),
    client.callBuffer('CLUSTER', 'NODES'),
    (reply) => !ownLine(reply).includes('['),
    no,
  );
}

const yes = (): boolean => true;
const no = (): boolean => false;
