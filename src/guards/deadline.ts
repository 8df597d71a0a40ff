/**
 * One deadline for all commands of a connection (P36), with one timer for all of them.
 * Commands of one batch share their start: the moment at which the batch was written. When time is up, the poll phase
 * gets one more turn before a command counts as late: after a stall of the event loop, timers run before sockets are
 * read, and a reply that is already here must not be taken for a missing one.
 *
 * A large value takes longer than the deadline to arrive or to leave, and so may hundreds of commands. Replies come in the
 * order of their commands, so what arrives is progress of the first command that waits, and of all behind it.
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

/** What one connection has carried. */
export interface Traffic {
  /** Bytes that have arrived. */
  readonly received: number;
  /** How long what was sent may take to leave, in ms. */
  readonly leavingMs: number;
}

/** A timer that is later than this was held up by the event loop. */
const STALL_MS = 30;
/** The slowest line on which a large value is waited for, in bytes per ms: 8 Mbit/s. */
const ARRIVING = 1_000;

interface Watched {
  /** Moves on while replies to its commands arrive. */
  dueAt: number;
  answered: number;
  readonly commands: readonly Awaited[];
  readonly before: Traffic;
}

export class Deadline {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #traffic: () => Traffic;
  #queue: Watched[] = [];
  #timer: Timer | undefined;
  /** When the timer is due. */
  #lookAt = 0;
  #received = 0;
  /** When bytes were last seen to have arrived. */
  #receivedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, ms: number, traffic: () => Traffic) {
    this.#clock = clock;
    this.#ms = ms;
    this.#traffic = traffic;
  }

  /** Starts the time of these commands now, when they have been written. */
  watch(commands: readonly Awaited[]): void {
    const before = this.#traffic();
    if (this.#queue.length === 0) this.#received = before.received;
    this.#queue.push({ dueAt: this.#clock.now() + this.#ms, answered: 0, commands, before });
    if (this.#timer === undefined) this.#look(this.#ms);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const left = this.#queue;
    this.#queue = [];
    for (const { commands } of left) expireAll(commands, false);
  }

  #look(inMs: number): void {
    this.#lookAt = this.#clock.now() + inMs;
    this.#timer = this.#clock.setTimeout(this.#fire, inMs);
  }

  #fire = (): void => {
    const now = this.#clock.now();
    const isStalled = now - this.#lookAt > STALL_MS;
    setImmediate(() => this.#settle(now, isStalled));
  };

  #settle(now: number, isStalled: boolean): void {
    const { received } = this.#traffic();
    if (received !== this.#received) {
      this.#received = received;
      this.#receivedAt = now;
    }
    let late = 0;
    while (late < this.#queue.length && this.#isOver(this.#queue[late]!, now, isStalled)) late += 1;
    const expired = this.#queue.splice(0, late);
    const next = this.#queue[0];
    if (next === undefined) this.#timer = undefined;
    else this.#look(next.dueAt > now ? Math.max(1, next.dueAt - this.#clock.now()) : this.#ms);
    for (const { commands } of expired) expireAll(commands, !isStalled);
  }

  #isOver(watched: Watched, now: number, isStalled: boolean): boolean {
    const { dueAt, commands, before } = watched;
    if (now < dueAt) return false;
    const answered = commands.reduce((count, { settled }) => count + Number(settled), 0);
    if (answered === commands.length) return true;
    if (answered > watched.answered) {
      watched.answered = answered;
      watched.dueAt = now + this.#ms;
      return false;
    }
    // Of a reply that arrived during a stall, one poll phase reads only the beginning.
    if (isStalled && this.#receivedAt === now) return false;
    const arrivingMs = now - this.#receivedAt < this.#ms ? (this.#received - before.received) / ARRIVING : 0;
    return now - dueAt >= before.leavingMs + arrivingMs;
  }
}

function expireAll(commands: readonly Awaited[], isEvidence: boolean): void {
  for (const command of commands) {
    if (command.settled) continue;
    command.settled = true;
    command.expire(isEvidence);
  }
}
