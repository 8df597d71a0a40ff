/**
 * One deadline for all commands of a connection (P36), with one timer for all of them.
 * Commands of one batch share their start: the moment at which the batch was written. When time is up, the poll phase
 * gets one more turn before a command counts as late: after a stall of the event loop, timers run before sockets are
 * read, and a reply that is already here must not be taken for a missing one.
 */
import type { Clock, Timer } from '../contract/clock';

// Captured at load, as the clock's timers are: a test's fake timers must not stop a deadline (P42).
const { setImmediate } = globalThis;

export interface Awaited {
  settled: boolean;
  /**
   * Called once, when time is up and nothing has come. `isEvidence`: false where the event loop stood still meanwhile,
   * or nobody waits any longer; then this says nothing about the server.
   */
  expire(isEvidence: boolean): void;
}

/** A timer that is later than this was held up by the event loop. */
const STALL_MS = 30;

interface Watched {
  readonly dueAt: number;
  readonly commands: readonly Awaited[];
}

export class Deadline {
  readonly #clock: Clock;
  readonly #ms: number;
  #queue: Watched[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Starts the time of these commands now. */
  watch(commands: readonly Awaited[]): void {
    this.#queue.push({ dueAt: this.#clock.now() + this.#ms, commands });
    this.#timer ??= this.#clock.setTimeout(this.#fire, this.#ms);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const left = this.#queue;
    this.#queue = [];
    for (const { commands } of left) expireAll(commands, false);
  }

  #fire = (): void => {
    const now = this.#clock.now();
    const first = this.#queue[0];
    const isStalled = first !== undefined && now - first.dueAt > STALL_MS;
    setImmediate(() => this.#settle(now, isStalled));
  };

  #settle(now: number, isStalled: boolean): void {
    let late = 0;
    while (late < this.#queue.length && this.#queue[late]!.dueAt <= now) late += 1;
    const expired = this.#queue.splice(0, late);
    const next = this.#queue[0];
    this.#timer =
      next === undefined
        ? undefined
        : this.#clock.setTimeout(this.#fire, Math.max(1, next.dueAt - this.#clock.now()));
    for (const { commands } of expired) expireAll(commands, !isStalled);
  }
}

function expireAll(commands: readonly Awaited[], isEvidence: boolean): void {
  for (const command of commands) {
    if (command.settled) continue;
    command.settled = true;
    command.expire(isEvidence);
  }
}
