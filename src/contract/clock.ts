/**
 * The one source of time. Everything that waits, expires or measures takes a `Clock`, so that a test can own time.
 * The functions are Node's own, captured when this file loads: a user's fake timers must not stop a cache's work (P42).
 */
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

export interface Timer {
  unref?(): unknown;
}

export interface Clock {
  /** Milliseconds of a monotonic clock, with fractions. */
  now(): number;
  /** Milliseconds since the Unix epoch; for records that people read, never for expiry. */
  wall(): number;
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
  setInterval(callback: () => void, ms: number): Timer;
  clearInterval(timer: Timer | undefined): void;
}

/** Calls `work` every `ms`, and never keeps the process alive. */
export function every(clock: Clock, ms: number, work: () => void): Timer {
  const timer = clock.setInterval(work, ms);
  timer.unref?.();
  return timer;
}

/** What the promise resolves to, or undefined if `ms` pass first. The promise must not reject. */
export function withTimeout<T>(clock: Clock, promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), Math.max(0, ms));
    void promise.then((value) => {
      clock.clearTimeout(timer);
      resolve(value);
    });
  });
}

/** Node's timers hold no longer time (24.8 days), and fire at once if they are given one. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const { setTimeout, clearTimeout, setInterval, clearInterval } = timers;
const monotonic = performance.now.bind(performance);
const wall = Date.now;

export const systemClock: Clock = {
  now: monotonic,
  wall,
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, MAX_TIMER_MS)),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  setInterval: (callback, ms) => setInterval(callback, Math.min(ms, MAX_TIMER_MS)),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout | undefined),
};
