/**
 * Which connection serves a name: the only one, or that of the master of the name's slot. L2 asks this before every
 * command, so a cluster needs no commands of its own.
 */
import type { L2Status, RemoteState } from '../contract/l2';
import type { RedisConnection } from './redis-connection';

/** How long the first attempt to connect may take. A command's deadline is too short for TLS, or another zone. */
export const FIRST_ATTEMPT_MS = 500;

export interface Nodes extends L2Status {
  /** The connections to all nodes known now. */
  readonly all: readonly RedisConnection[];
  /** Whether entries of one node rely on generation keys of another. Then every generation key carries its node's run (P41). */
  readonly areMany: boolean;
  /** The node that serves this name, or undefined if none is known to. */
  of(name: string): RedisConnection | undefined;
  /** For what was asked while no node could be used: waits for the end of the first attempt to connect. */
  onceUsable<T>(name: string, ask: () => Promise<T>, otherwise: () => T): Promise<T>;
  /** Milliseconds on the clock of the node that has this name. */
  now(name: string): number;
  /** See `L2.homeOf`. */
  homeOf(key: string): string | undefined;
  readonly lastError: Error;
  /** Called when a node becomes usable. */
  onUsable(listener: () => void): void;
  /** Counts changes of the topology. */
  readonly version: number;
  /** Whether every name is on the node that is known to serve it, and none is on its way to another. */
  areSettled(): Promise<boolean>;
  close(): Promise<void>;
}

/** One Redis server, or the master that Sentinel names. */
export class OneNode implements Nodes {
  readonly areMany = false;
  readonly version = 0;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  get all(): readonly RedisConnection[] {
    return [this.#connection];
  }

  of(): RedisConnection {
    return this.#connection;
  }

  onceUsable<T>(_name: string, ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    return this.#connection.onceUsable(ask, otherwise);
  }

  now(): number {
    return this.#connection.now();
  }

  homeOf(): undefined {
    return undefined;
  }

  get lastError(): Error {
    return this.#connection.lastError;
  }

  get state(): RemoteState {
    return this.#connection.state;
  }

  get breakers() {
    return [{ node: this.#connection.node, state: this.#connection.breaker }];
  }

  awayMs(): number {
    return this.#connection.awayMs();
  }

  settled(withinMs: number): Promise<void> {
    return this.#connection.settled(withinMs);
  }

  onState(listener: (state: RemoteState) => void): void {
    this.#connection.onState(listener);
  }

  onUsable(listener: () => void): void {
    this.#connection.onState(({ kind }) => {
      if (kind === 'ready') listener();
    });
  }

  onReturn(listener: () => Promise<unknown> | undefined): void {
    this.#connection.onReturn = listener;
  }

  async areSettled(): Promise<boolean> {
    return true;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
