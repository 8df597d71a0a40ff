/**
 * `node:diagnostics_channel` tracing channels: one around each read that L1 does not answer, each load, each write with what
 * it invalidates, and each invalidation by hand. `tiercel/otel` needs to run the work itself, and is called instead. While
 * nobody listens they cost two comparisons each; an L1 hit has none. Keys and patterns are in them as they are.
 */
import { tracingChannel } from 'node:diagnostics_channel';

/** What subscribers of `tiercel:read` get. What is known at its end is filled in then. */
export interface ReadTrace {
  readonly cache: string;
  readonly method: string;
  readonly keys: readonly string[];
  /** False once a load runs for it. */
  hit: boolean;
  /** Bytes of the value in L2. */
  itemSize?: number;
  /** How long the value is fresh from now on. */
  ttlMs?: number;
}

/** What subscribers of `tiercel:load` get, besides what `TracingChannel` adds: `result` or `error`. */
export interface LoadTrace {
  readonly cache: string;
  readonly method: string;
  /** More than one where `loadMany` loads them together. */
  readonly keys: readonly string[];
}

/** Of `tiercel:write` and `tiercel:invalidate`. */
export interface InvalidationTrace {
  readonly cache: string;
  readonly method: string;
  readonly event: string | undefined;
  /** Of a write those that are known before it has run. */
  readonly patterns: readonly string[];
}

const channels = {
  read: tracingChannel<string, ReadTrace>('tiercel:read'),
  load: tracingChannel<string, LoadTrace>('tiercel:load'),
  write: tracingChannel<string, InvalidationTrace>('tiercel:write'),
  invalidate: tracingChannel<string, InvalidationTrace>('tiercel:invalidate'),
};

interface Traces {
  readonly read: ReadTrace;
  readonly load: LoadTrace;
  readonly write: InvalidationTrace;
  readonly invalidate: InvalidationTrace;
}

export type TraceName = keyof Traces;
export type AnyTrace = Pick<LoadTrace, 'cache' | 'method'> &
  Partial<LoadTrace & ReadTrace & Pick<InvalidationTrace, 'event' | 'patterns'>>;

/** Runs the work of an operation. */
export type Instrument = <V>(
  name: TraceName,
  trace: AnyTrace,
  work: () => V | PromiseLike<V>,
) => V | PromiseLike<V>;

let instrument: Instrument | undefined;

/** @param next undefined: none */
export function instrumentWith(next: Instrument | undefined): void {
  instrument = next;
}

export function isTraced(name: TraceName): boolean {
  return instrument !== undefined || channels[name].hasSubscribers;
}

/** Runs `work`, within a trace if somebody listens; `trace` is called only then, and makes an object each time. */
export function traced<N extends TraceName, V>(
  name: N,
  work: () => V | PromiseLike<V>,
  trace: () => Traces[N],
): V | PromiseLike<V> {
  const channel = channels[name];
  const isHeard = channel.hasSubscribers;
  if (instrument === undefined && !isHeard) return work();
  const told = trace();
  // The channel writes the outcome into it.
  const run = isHeard ? () => channel.tracePromise(async () => work(), told as never) : work;
  return instrument === undefined ? run() : instrument(name, told, run);
}
