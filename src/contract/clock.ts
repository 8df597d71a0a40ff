/**
 * The one source of time. Everything that waits, expires or measures takes a `Clock`, so that a test can own time.
 * The functions are captured when this file loads: a user's fake timers must not stop a cache's own work (P42).
 */
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

const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
const monotonic = performance.now.bind(performance);
const wall = Date.now;

export const systemClock: Clock = {
  now: monotonic,
  wall,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  setInterval: (callback, ms) => setInterval(callback, ms),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout | undefined),
};
