/** Spans and metrics as a backend gets them: who is whose parent, what they say, and what they keep to themselves. */
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { Cacheable, CacheInvalidate, CachePut, type TiercelCache, UseCache } from '../../src';
import { type InstrumentOptions, instrumentTiercel } from '../../src/otel/instrument';
import { errorOf } from '../decorators/both-modes';
import { onBothTiers, useNodes } from '../support/nodes';

let query: () => Promise<void> = async () => {};

@UseCache((self: Orders) => self.cache)
class Orders {
  constructor(readonly cache: TiercelCache) {}

  @Cacheable('otel-order:<id>', { ttl: '1m' })
  async find(id: string): Promise<{ id: string }> {
    await query();
    if (id === 'broken') throw new TypeError('no such order');
    return { id };
  }

  @CachePut('otel-order:<id>')
  async pay(id: string): Promise<{ id: string }> {
    await query();
    return { id };
  }

  @CacheInvalidate(['otel-order:*'])
  async importAll(): Promise<void> {}
}

onBothTiers(({ where, hasL2, redis }) => {
  describe(`instrumentTiercel (${where})`, () => {
    const nodes = useNodes();
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const tracer = tracerProvider.getTracer('application');
    let end: (() => void) | undefined;

    before(() => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      query = async () => {
        tracer.startSpan('query').end();
      };
    });
    after(() => {
      context.disable();
      query = async () => {};
    });
    afterEach(() => {
      end?.();
      end = undefined;
      exporter.reset();
    });

    const start = async (options: InstrumentOptions = {}): Promise<Orders> => {
      const cache = await nodes.node(await redis());
      end = instrumentTiercel({ tracerProvider, ...options });
      return new Orders(cache);
    };
    const spans = () => exporter.getFinishedSpans();
    const named = (name: string): ReadableSpan => {
      const found = spans().find((span) => span.name.startsWith(name));
      if (found === undefined) throw new Error(`no span ${name} in ${spans().map((span) => span.name)}`);
      return found;
    };
    const parentOf = (span: ReadableSpan) =>
      spans().find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId)?.name;

    it('makes a miss the parent of its query: read, load, query, below the span of the request', async () => {
      const orders = await start();
      await tracer.startActiveSpan('request', async (span) => {
        await orders.find('1');
        span.end();
      });
      expect(parentOf(named('query'))).to.equal('cache.load otel-order:<id>');
      expect(parentOf(named('cache.load'))).to.equal('cache.get otel-order:<id>');
      expect(parentOf(named('cache.get'))).to.equal('request');
    });

    it('says what was found: a miss with size and ttl, then a hit of L2', async () => {
      const orders = await start();
      await orders.find('1');
      const { attributes } = named('cache.get');
      expect(attributes).to.include({
        'cache.hit': false,
        'cache.operation': 'get',
        'sentry.op': 'cache.get',
        'tiercel.template': 'otel-order:<id>',
        'tiercel.method': 'Orders.find',
        'tiercel.cache': nodes.namespace,
      });
      if (!hasL2) return;
      expect(attributes).to.include({ 'cache.item_size': Buffer.byteLength('{"id":"1"}'), 'cache.ttl': 60 });
      exporter.reset();
      const other = new Orders(await nodes.node(await redis()));
      await other.find('1');
      expect(spans().map(({ name }) => name)).to.deep.equal(['cache.get otel-order:<id>']);
      expect(named('cache.get').attributes).to.include({ 'cache.hit': true });
    });

    it('has no id unless it is asked for keys', async () => {
      const orders = await start();
      await orders.find('secret-7');
      await orders.pay('secret-7');
      await orders.cache.delete('otel-order:secret-7');
      const told = () =>
        JSON.stringify(spans().map(({ name, attributes, events }) => [name, attributes, events]));
      expect(told()).not.to.contain('secret-7');
      end?.();
      exporter.reset();
      end = instrumentTiercel({ tracerProvider, keys: true });
      await orders.find('secret-7');
      expect(named('cache.get').attributes['cache.key']).to.deep.equal(['otel-order:secret-7']);
    });

    it('has spans for writes, with their queries, and for invalidations', async () => {
      const orders = await start();
      await orders.pay('1');
      expect(parentOf(named('query'))).to.equal('cache.put otel-order:<id>');
      expect(named('cache.put').attributes['sentry.op']).to.equal('cache.put');
      await orders.importAll();
      expect(spans().some(({ name }) => name === 'cache.put otel-order:*')).to.equal(true);
      await orders.cache.invalidate('otel-order:*');
      expect(named('cache.remove').attributes).to.include({
        'sentry.op': 'cache.remove',
        'tiercel.method': 'invalidate',
      });
    });

    it('marks what failed, and hands the error on unchanged', async () => {
      const orders = await start();
      const error = await errorOf(() => orders.find('broken'));
      expect(error.message).to.equal('no such order');
      for (const name of ['cache.load', 'cache.get']) {
        expect(named(name).status.code).to.equal(SpanStatusCode.ERROR);
        expect(named(name).attributes['error.type']).to.equal('TypeError');
      }
    });

    it('ends, and then nothing is created', async () => {
      const orders = await start();
      end?.();
      await orders.find('1');
      expect(spans().filter(({ name }) => name.startsWith('cache.'))).to.deep.equal([]);
      expect(trace.getActiveSpan()).to.equal(undefined);
    });

    it('counts calls by how they ended, and times operations', async () => {
      const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({
        exporter: metricExporter,
        exportIntervalMillis: 3_600_000,
      });
      const meterProvider = new MeterProvider({ readers: [reader] });
      const orders = await start();
      end?.();
      end = instrumentTiercel({ tracerProvider, meterProvider, caches: [orders.cache] });
      await orders.find('1');
      await reader.forceFlush();
      const metrics = metricExporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      const calls = metrics.find(({ descriptor }) => descriptor.name === 'tiercel.calls');
      const loaded = calls?.dataPoints.find(({ attributes }) => attributes['tiercel.outcome'] === 'loaded');
      expect(loaded?.value).to.equal(1);
      expect(loaded?.attributes).to.include({
        'tiercel.method': 'Orders.find',
        'tiercel.cache': nodes.namespace,
      });
      const durations = metrics.find(({ descriptor }) => descriptor.name === 'tiercel.operation.duration');
      expect(durations?.dataPoints.map(({ attributes }) => attributes['cache.operation'])).to.have.members([
        'get',
        'load',
      ]);
      await meterProvider.shutdown();
    });
  });
});
