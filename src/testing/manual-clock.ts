/**
 * A clock that stands still until the test moves it. Timers run within `advance`, in the order in which they are due,
 * at exactly their time; what they start with promises goes on after it. Timers that are still set can be counted, so
 * that a test can ask whether something would keep a process alive.
 */
import type { Clock, Timer } from '../contract/clock';

class ManualTimer implements Timer {
  holdsProcess = true;

  constructor(
    readonly callback: () => void,
    public dueAt: number,
    readonly everyMs: number | undefined,
  ) {}

  unref(): this {
    this.holdsProcess = false;
    return this;
  }
}

export class ManualClock implements Clock {
  #now = 1_000;
  readonly #startedAt = Date.now() - this.#now;
  readonly #timers = new Set<ManualTimer>();

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Of those, the ones that would keep a process alive. */
  get holding(): number {
    return [...this.#timers].filter(({ holdsProcess }) => holdsProcess).length;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#startedAt + this.#now;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    return this.#set(callback, ms, undefined);
  }

  clearTimeout(timer: Timer | undefined): void {
    this.#timers.delete(timer as ManualTimer);
  }

  setInterval(callback: () => void, ms: number): Timer {
    return this.#set(callback, ms, ms);
  }

  clearInterval(timer: Timer | undefined): void {
    this.#timers.delete(timer as ManualTimer);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#nextDueBy(end);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.dueAt);
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.dueAt += next.everyMs;
      next.callback();
    }
    this.#now = end;
  }

  /**
   * Time passes at once: each timer that is due by then runs once, at its end, and an interval goes on from there. A long
   * time costs no more than a short one.
   */
  jump(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= this.#now);
    for (const timer of due.sort((one, other) => one.dueAt - other.dueAt)) {
      // One that ran before it may have cleared it.
      if (!this.#timers.has(timer)) continue;
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.dueAt = this.#now + timer.everyMs;
      timer.callback();
    }
  }

  /** Time passes while no timer can run: those that are due by then run late, all at its end. */
  stall(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  #set(callback: () => void, ms: number, everyMs: number | undefined): Timer {
    const timer = new ManualTimer(callback, this.#now + ms, everyMs);
    this.#timers.add(timer);
    return timer;
  }

  #nextDueBy(end: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}
