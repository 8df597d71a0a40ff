/**
 * `instrumentTiercel`, the entry point of `tiercel/otel`: spans and metrics of OpenTelemetry for what caches do. Whatever a
 * load does, its queries for example, becomes a child of its span.
 */
import {
  type Attributes,
  context,
  type Histogram,
  type MeterProvider,
  metrics,
  type ObservableResult,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { TiercelCache } from '../create';
import { type AnyTrace, instrumentWith, type TraceName } from '../engine/runtime/tracing';
import { declarations } from '../registry/declarations';
import { decoratedTemplates, templateOf } from '../registry/declared-templates';

export interface InstrumentOptions {
  /** Default: the one registered with `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the one registered with `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Whose calls are counted in the metric `tiercel.calls`. Default: none; spans and times are of all caches. */
  readonly caches?: readonly TiercelCache[] | undefined;
  /** True: spans have the keys, tags and patterns, which may hold ids. Default: false, the templates alone. */
  readonly keys?: boolean | undefined;
}

const SCOPE = 'tiercel';
/** Names of spans, and Sentry's operations. */
const OPERATIONS: Readonly<Record<TraceName, { readonly span: string; readonly sentry: string }>> = {
  read: { span: 'cache.get', sentry: 'cache.get' },
  load: { span: 'cache.load', sentry: 'function' },
  write: { span: 'cache.put', sentry: 'cache.put' },
  invalidate: { span: 'cache.remove', sentry: 'cache.remove' },
};

/**
 * Creates spans for reads that L1 does not answer, loads, writes and invalidations of all caches of the process.
 * Called again, it replaces what was there.
 * @returns the function that ends it
 */
export function instrumentTiercel({
  tracerProvider = trace.getTracerProvider(),
  meterProvider = metrics.getMeterProvider(),
  caches = [],
  keys = false,
}: InstrumentOptions = {}): () => void {
  const tracer = tracerProvider.getTracer(SCOPE);
  const meter = meterProvider.getMeter(SCOPE);
  const duration = meter.createHistogram('tiercel.operation.duration', {
    unit: 's',
    description: 'How long reads behind L1, loads, writes and invalidations take.',
  });
  const calls = meter.createObservableCounter('tiercel.calls', {
    description: 'Calls by how they ended: l1, l2, loaded, coalesced, waited, stale, uncached or failed.',
  });
  const observe = (result: ObservableResult): void => {
    for (const cache of caches) observeCalls(cache, result);
  };
  calls.addCallback(observe);
  instrumentWith((name, told, work) => spanned(tracer, duration, keys, name, told, work));
  return () => {
    instrumentWith(undefined);
    calls.removeCallback(observe);
  };
}

function spanned<V>(
  tracer: Tracer,
  duration: Histogram,
  keys: boolean,
  name: TraceName,
  told: AnyTrace,
  work: () => V | PromiseLike<V>,
): V | PromiseLike<V> {
  const { span: operation, sentry } = OPERATIONS[name];
  const template = templatesOf(told);
  const common: Attributes = {
    'cache.operation': operation.slice('cache.'.length),
    'tiercel.cache': told.cache,
    'tiercel.method': told.method,
    'tiercel.template': template,
  };
  const attributes: Attributes = { ...common, 'sentry.op': sentry };
  if (keys) attributes['cache.key'] = [...namesIn(told)];
  if (told.event !== undefined) attributes['tiercel.event'] = told.event;
  const span = tracer.startSpan(`${operation} ${template}`, { kind: SpanKind.INTERNAL, attributes });
  const startedAt = performance.now();
  const end = (error?: unknown): void => {
    describe(span, told, error);
    const failure = error === undefined ? {} : { 'error.type': typeOf(error) };
    duration.record((performance.now() - startedAt) / 1_000, { ...common, ...failure });
    span.end();
  };
  try {
    const result = context.with(trace.setSpan(context.active(), span), work);
    if (typeof (result as Partial<PromiseLike<V>> | null)?.then !== 'function') {
      end();
      return result;
    }
    return (result as PromiseLike<V>).then(
      (value) => {
        end();
        return value;
      },
      (error: unknown) => {
        end(error ?? new Error('rejected without a reason'));
        throw error;
      },
    );
  } catch (error) {
    end(error);
    throw error;
  }
}

/** What is known at the end. */
function describe(span: Span, { hit, itemSize, ttlMs }: AnyTrace, error: unknown): void {
  if (hit !== undefined) span.setAttribute('cache.hit', hit);
  if (itemSize !== undefined) span.setAttribute('cache.item_size', itemSize);
  if (ttlMs !== undefined) span.setAttribute('cache.ttl', Math.max(0, Math.round(ttlMs / 1_000)));
  if (error === undefined) return;
  span.setAttribute('error.type', typeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
  if (error instanceof Error) span.recordException(error);
}

function typeOf(error: unknown): string {
  return (error as { code?: unknown; name?: string }).name ?? typeof error;
}

function namesIn({ keys = [], patterns = [] }: AnyTrace): readonly string[] {
  return [...keys, ...patterns];
}

/** As declared; for what nobody declares the method's label, which is that of a strategy's template or of `getOrSet`. */
function templatesOf(told: AnyTrace): string {
  const declared = decoratedTemplates();
  const [first] = namesIn(told);
  const template = first === undefined ? undefined : templateOf(first, declared);
  return template ?? ownTemplate(told.method) ?? told.method;
}

/** Of a method whose patterns are known only after it has run. */
function ownTemplate(method: string): string | undefined {
  const own = declarations().find((one) => (one.name ?? one.method.label) === method);
  return own?.templates[0];
}

function observeCalls(cache: TiercelCache, result: ObservableResult): void {
  for (const [method, { calls }] of Object.entries(cache.stats().methods)) {
    for (const [outcome, count] of Object.entries(calls)) {
      if (outcome === 'total' || typeof count !== 'number') continue;
      result.observe(count, {
        'tiercel.cache': cache.namespace,
        'tiercel.method': method,
        'tiercel.outcome': outcome,
      });
    }
  }
}
