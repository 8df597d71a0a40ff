/**
 * `node:diagnostics_channel` tracing channels, for OpenTelemetry and its like: one around each load, each write with what
 * it invalidates, and each invalidation by hand. While nobody has subscribed they cost a comparison each; an L1 hit has
 * none. Keys and patterns are in them as they are, so a subscriber sees ids.
 */
import { tracingChannel } from 'node:diagnostics_channel';

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
  load: tracingChannel<string, LoadTrace>('tiercel:load'),
  write: tracingChannel<string, InvalidationTrace>('tiercel:write'),
  invalidate: tracingChannel<string, InvalidationTrace>('tiercel:invalidate'),
};

interface Traces {
  readonly load: LoadTrace;
  readonly write: InvalidationTrace;
  readonly invalidate: InvalidationTrace;
}

/** Runs `work`, within a trace if somebody listens; `trace` is called only then. */
export function traced<N extends keyof Traces, V>(
  name: N,
  work: () => V | PromiseLike<V>,
  trace: () => Traces[N],
): V | PromiseLike<V> {
  const channel = channels[name];
  if (!channel.hasSubscribers) return work();
  // A fresh object each time: the channel writes the outcome into it.
  return channel.tracePromise(async () => work(), { ...trace() } as never);
}
