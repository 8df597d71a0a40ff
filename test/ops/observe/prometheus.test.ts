import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { AggregatorRegistry, Counter, Gauge, Registry, register } from 'prom-client';
import { MetricNameTakenError } from '../../../src/contract/errors';
import { CACHE_METRICS } from '../../../src/ops/observe/cache-metrics';
import { addMetrics, removeMetrics } from '../../../src/ops/observe/prometheus';
import { describeWith } from '../../support/optional-program';
import { alert, EMPTY_MEMORY, observedCache } from './observed-fixture';

const ROOT = join(__dirname, '..', '..', '..');

describe('Prometheus metrics', () => {
  let registry: Registry;

  beforeEach(() => {
    registry = new Registry();
  });

  /** The lines of one metric, without its HELP and TYPE. */
  async function series(name: string): Promise<string[]> {
    const lines = (await registry.metrics()).split('\n');
    return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  }

  it('carry the names of the report, with their types', async () => {
    addMetrics(observedCache('app').count('feed', { l1: 1 }), registry);
    const types = (await registry.metrics()).split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(types).to.have.members([
      '# TYPE cache_hits_total counter',
      '# TYPE cache_misses_total counter',
      '# TYPE cache_sets_total counter',
      '# TYPE cache_deletes_total counter',
      '# TYPE cache_invalidations_total counter',
      '# TYPE cache_loads_total counter',
      '# TYPE cache_calls_total counter',
      '# TYPE cache_stampedes_total counter',
      '# TYPE cache_lease_waits_total counter',
      '# TYPE cache_rejected_fills_total counter',
      '# TYPE cache_hit_rate gauge',
      '# TYPE cache_overall_hit_rate gauge',
      '# TYPE cache_size gauge',
      '# TYPE cache_bytes gauge',
      '# TYPE cache_outbox_invalidations gauge',
      '# TYPE cache_breaker_open gauge',
      '# TYPE cache_memory_used_ratio gauge',
      '# TYPE cache_l2_up gauge',
      '# TYPE cache_coherence_trusted gauge',
      '# TYPE cache_coherence_age_seconds gauge',
      '# TYPE cache_alerts gauge',
      '# TYPE cache_latency_ms histogram',
      '# TYPE cache_latency_seconds histogram',
    ]);
  });

  it('show what has been counted until the scrape, per cache, method and tier', async () => {
    const cache = observedCache('app').count('feed', { l1: 8, l1Misses: 2, l2: 1, l2Misses: 1 });
    addMetrics(cache, registry);
    cache.counters.of('feed').l1 += 1;
    expect(await series('cache_hits_total')).to.deep.equal([
      'cache_hits_total{cache="app",method="feed",tier="l1"} 9',
      'cache_hits_total{cache="app",method="feed",tier="l2"} 1',
    ]);
    expect(await series('cache_misses_total')).to.deep.equal([
      'cache_misses_total{cache="app",method="feed",tier="l1"} 2',
      'cache_misses_total{cache="app",method="feed",tier="l2"} 1',
    ]);
  });

  it('show each outcome of calls, and what protected them', async () => {
    const cache = observedCache('app').count('feed', {
      coalesced: 3,
      l1Sets: 4,
      l2Sets: 5,
      stampedes: 6,
      leaseWaits: 7,
      rejectedFills: 8,
      invalidations: 9,
    });
    addMetrics(cache, registry);
    const text = await registry.metrics();
    for (const line of [
      'cache_calls_total{cache="app",method="feed",outcome="coalesced"} 3',
      'cache_calls_total{cache="app",method="feed",outcome="loaded"} 0',
      'cache_sets_total{cache="app",method="feed",tier="l1"} 4',
      'cache_sets_total{cache="app",method="feed",tier="l2"} 5',
      'cache_stampedes_total{cache="app",method="feed"} 6',
      'cache_lease_waits_total{cache="app",method="feed"} 7',
      'cache_rejected_fills_total{cache="app",method="feed"} 8',
      'cache_invalidations_total{cache="app",method="feed"} 9',
      'cache_deletes_total{cache="app",method="feed"} 9',
    ]) {
      expect(text).to.include(`${line}\n`);
    }
  });

  it('show why loads ran, and no series for a reason that did not occur', async () => {
    const cache = observedCache('app').count('feed', { loaded: 5 });
    Object.assign(cache.counters.of('feed').misses, { invalidated: 4, first: 1 });
    addMetrics(cache, registry);
    expect(await series('cache_loads_total')).to.deep.equal([
      'cache_loads_total{cache="app",method="feed",reason="first"} 1',
      'cache_loads_total{cache="app",method="feed",reason="invalidated"} 4',
    ]);
  });

  it('show no series that would stay zero for a method that only writes', async () => {
    addMetrics(observedCache('app').count('save', { l1Sets: 1, invalidations: 2 }), registry);
    const shown = (await registry.metrics()).split('\n').filter((line) => line.includes('method="save"'));
    expect(shown.map((line) => line.slice(0, line.indexOf('{')))).to.deep.equal([
      'cache_sets_total',
      'cache_deletes_total',
      'cache_invalidations_total',
    ]);
  });

  it('give hit rates as shares of 1, of a cache that nobody has used 0, and of its methods none', async () => {
    addMetrics(observedCache('used').count('feed', { l1: 3, l1Misses: 1, l2: 1 }), registry);
    addMetrics(observedCache('unused').count('feed', {}), registry);
    expect(await series('cache_hit_rate')).to.deep.equal([
      'cache_hit_rate{cache="used",method="feed",tier="l1"} 0.75',
      'cache_hit_rate{cache="used",method="feed",tier="l2"} 1',
    ]);
    expect(await series('cache_overall_hit_rate')).to.deep.equal([
      'cache_overall_hit_rate{cache="used"} 0.8',
      'cache_overall_hit_rate{cache="unused"} 0',
    ]);
  });

  it('show the size of L1 and what L2 has not acknowledged', async () => {
    addMetrics(observedCache('app', { l1: { size: 12, bytes: 345 }, outbox: 6 }), registry);
    expect(await series('cache_size')).to.deep.equal(['cache_size{cache="app",tier="l1"} 12']);
    expect(await series('cache_bytes')).to.deep.equal(['cache_bytes{cache="app",tier="l1"} 345']);
    expect(await series('cache_outbox_invalidations')).to.deep.equal([
      'cache_outbox_invalidations{cache="app"} 6',
    ]);
  });

  it('show Redis, the channel, memory and alerts; of caches that share a name the worst', async () => {
    const well = { l2: { kind: 'ready' }, coherence: { trusted: true, ageMs: 50 } } as const;
    const { heap } = EMPTY_MEMORY;
    const memory = { ...EMPTY_MEMORY, heap: { ...heap, percent: 30 } };
    addMetrics(observedCache('app', { ...well, memory }), registry);
    addMetrics(
      observedCache('app', {
        l2: { kind: 'down', reason: 'gone' },
        coherence: { trusted: false, ageMs: 2_500 },
        memory: { ...memory, redis: { ...heap, percent: 90, ageSeconds: 1 } },
        alerts: [alert('memory', 'redis'), alert('response-time', 'a'), alert('response-time', 'b')],
      }),
      registry,
    );
    expect(await series('cache_l2_up')).to.deep.equal(['cache_l2_up{cache="app"} 0']);
    expect(await series('cache_coherence_trusted')).to.deep.equal(['cache_coherence_trusted{cache="app"} 0']);
    expect(await series('cache_coherence_age_seconds')).to.deep.equal([
      'cache_coherence_age_seconds{cache="app"} 2.5',
    ]);
    expect(await series('cache_memory_used_ratio')).to.deep.equal([
      'cache_memory_used_ratio{cache="app",subject="heap"} 0.3',
      'cache_memory_used_ratio{cache="app",subject="redis"} 0.9',
    ]);
    expect(await series('cache_alerts')).to.include.members([
      'cache_alerts{cache="app",type="response-time"} 2',
      'cache_alerts{cache="app",type="memory"} 1',
      'cache_alerts{cache="app",type="l2-down"} 0',
    ]);
  });

  it('leave out of a cache without Redis what it does not have', async () => {
    addMetrics(observedCache('app'), registry);
    for (const name of ['cache_l2_up', 'cache_coherence_trusted', 'cache_coherence_age_seconds']) {
      expect(await series(name), name).to.deep.equal([]);
    }
  });

  it('give latencies in cumulative buckets, in ms and in seconds', async () => {
    addMetrics(observedCache('app').time('feed', { l2: [0.1, 0.7, 30, 250] }), registry);
    const labels = 'cache="app",method="feed",tier="l2"';
    const counts = [1, 1, 2, 2, 2, 2, 2, 3, 3, 4];
    const bounds = {
      cache_latency_ms: ['0.1', '0.5', '1', '2', '5', '10', '25', '50', '100', '+Inf'],
      cache_latency_seconds: [
        '0.0001',
        '0.0005',
        '0.001',
        '0.002',
        '0.005',
        '0.01',
        '0.025',
        '0.05',
        '0.1',
        '+Inf',
      ],
    };
    for (const [name, upperBounds] of Object.entries(bounds)) {
      expect(await series(`${name}_bucket`)).to.deep.equal(
        upperBounds.map((bound, index) => `${name}_bucket{le="${bound}",${labels}} ${counts[index]}`),
      );
      expect(await series(`${name}_count`)).to.deep.equal([`${name}_count{${labels}} 4`]);
    }
    expect(await series('cache_latency_ms_sum')).to.deep.equal([`cache_latency_ms_sum{${labels}} 280.8`]);
    expect(await series('cache_latency_seconds_sum')).to.deep.equal([
      `cache_latency_seconds_sum{${labels}} 0.2808`,
    ]);
  });

  it('tell in the help text that only a part of the L1 hits is timed', async () => {
    addMetrics(observedCache('app'), registry);
    expect(await registry.metrics()).to.match(/# HELP cache_latency_ms .*one in 256 is timed/);
  });

  it('never show one series twice: caches of one namespace are added up, their rates made of the sums', async () => {
    const one = observedCache('app', { l1: { size: 1, bytes: 10 } });
    const two = observedCache('app', { l1: { size: 2, bytes: 20 } });
    addMetrics(one.count('feed', { l1: 1, l1Misses: 3 }).time('feed', { l2: [3] }), registry);
    addMetrics(two.count('feed', { l1: 4 }).time('feed', { l2: [4] }), registry);
    expect(await series('cache_hits_total')).to.include(
      'cache_hits_total{cache="app",method="feed",tier="l1"} 5',
    );
    expect(await series('cache_hit_rate')).to.include(
      'cache_hit_rate{cache="app",method="feed",tier="l1"} 0.625',
    );
    expect(await series('cache_size')).to.deep.equal(['cache_size{cache="app",tier="l1"} 3']);
    expect(await series('cache_latency_ms_bucket')).to.include(
      'cache_latency_ms_bucket{le="5",cache="app",method="feed",tier="l2"} 2',
    );
    const lines = (await registry.metrics()).split('\n').filter((line) => /^\w/.test(line));
    const names = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(names).size).to.equal(names.length);
  });

  it('escape labels, so that a strange method name cannot break the format', async () => {
    addMetrics(observedCache('app').count('a"b\\c\nd', { stampedes: 1 }), registry);
    expect(await series('cache_stampedes_total')).to.deep.equal([
      'cache_stampedes_total{cache="app",method="a\\"b\\\\c\\nd"} 1',
    ]);
  });

  describe('of several caches in one registry', () => {
    it('share the metrics, each cache under its own label', async () => {
      addMetrics(observedCache('one').count('feed', { stampedes: 1 }), registry);
      addMetrics(observedCache('two').count('feed', { stampedes: 2 }), registry);
      expect(await series('cache_stampedes_total')).to.deep.equal([
        'cache_stampedes_total{cache="one",method="feed"} 1',
        'cache_stampedes_total{cache="two",method="feed"} 2',
      ]);
    });

    it('count a cache once that is added twice', async () => {
      const cache = observedCache('one').count('feed', { stampedes: 1 });
      addMetrics(cache, registry);
      addMetrics(cache, registry);
      expect(await series('cache_stampedes_total')).to.deep.equal([
        'cache_stampedes_total{cache="one",method="feed"} 1',
      ]);
    });

    it('go when their cache is removed, from every registry, and the metrics with the last cache', async () => {
      const [one, two] = [observedCache('one'), observedCache('two')];
      const second = new Registry();
      addMetrics(one, registry);
      addMetrics(one, second);
      addMetrics(two, registry);
      removeMetrics(one);
      expect(await series('cache_size')).to.deep.equal(['cache_size{cache="two",tier="l1"} 0']);
      expect(second.getMetricsAsArray()).to.deep.equal([]);
      removeMetrics(two);
      expect(registry.getMetricsAsArray()).to.deep.equal([]);
    });

    it('come back when a cache is added to the registry of removed ones', async () => {
      const cache = observedCache('one');
      addMetrics(cache, registry);
      removeMetrics(cache);
      removeMetrics(cache);
      addMetrics(observedCache('two'), registry);
      expect(await series('cache_size')).to.deep.equal(['cache_size{cache="two",tier="l1"} 0']);
    });
  });

  describe('in a registry that others use', () => {
    it('end with registry.clear(), and begin again with the next cache that is added', async () => {
      addMetrics(observedCache('one'), registry);
      registry.clear();
      expect(await series('cache_size')).to.deep.equal([]);
      addMetrics(observedCache('two'), registry);
      expect(await series('cache_size')).to.deep.equal(['cache_size{cache="two",tier="l1"} 0']);
    });

    it('leave alone what has taken their names since the registry was cleared', () => {
      const cache = observedCache('app');
      addMetrics(cache, registry);
      registry.clear();
      const own = new Gauge({ name: 'cache_size', help: 'Own.', registers: [registry] });
      removeMetrics(cache);
      expect(registry.getMetricsAsArray()).to.deep.equal([own]);
    });

    it('survive registry.resetMetrics(), which resets only what belongs to the registry', async () => {
      const own = new Counter({ name: 'own_total', help: 'Own.', registers: [registry] });
      own.inc();
      addMetrics(observedCache('app').count('feed', { stampedes: 1 }), registry);
      registry.resetMetrics();
      expect(await series('own_total')).to.deep.equal(['own_total 0']);
      expect(await series('cache_stampedes_total')).to.deep.equal([
        'cache_stampedes_total{cache="app",method="feed"} 1',
      ]);
    });

    it('stay away one by one if the owner of the registry has removed them', async () => {
      addMetrics(observedCache('one'), registry);
      registry.removeSingleMetric('cache_latency_ms');
      addMetrics(observedCache('two'), registry);
      expect(registry.getSingleMetric('cache_latency_ms')).to.equal(undefined);
      expect(await series('cache_size')).to.have.length(2);
    });

    it('are refused as a whole if one of the names is taken, and take nothing from its owner', () => {
      const own = new Counter({ name: 'cache_sets_total', help: 'Own.', registers: [registry] });
      const cache = observedCache('app');
      expect(() => addMetrics(cache, registry))
        .to.throw(MetricNameTakenError, 'cache_sets_total')
        .with.property('code', 'TIERCEL_METRIC_NAME_TAKEN');
      removeMetrics(cache);
      expect(registry.getMetricsAsArray()).to.deep.equal([own]);
    });

    it('replace those of the code before a hot reload, which nobody has taken out', async () => {
      addMetrics(observedCache('before'), registry);
      const path = require.resolve('../../../src/ops/observe/prometheus');
      const loaded = require.cache[path];
      delete require.cache[path];
      const reloaded = require(path) as { addMetrics: typeof addMetrics };
      require.cache[path] = loaded;
      reloaded.addMetrics(observedCache('after'), registry);
      expect(await series('cache_size')).to.deep.equal(['cache_size{cache="after",tier="l1"} 0']);
    });

    it('are merged with those of other registries', async () => {
      const own = new Registry();
      new Counter({ name: 'own_total', help: 'Own.', registers: [own] });
      addMetrics(observedCache('app'), registry);
      const text = await Registry.merge([own, registry]).metrics();
      expect(text).to.include('own_total 0').and.to.include('cache_size{cache="app",tier="l1"} 0');
    });

    it('take the default labels of the registry', async () => {
      registry.setDefaultLabels({ region: 'eu' });
      addMetrics(observedCache('app').time('feed', { l2: [1] }), registry);
      expect(await series('cache_size')).to.deep.equal(['cache_size{cache="app",tier="l1",region="eu"} 0']);
      const [size] = (await registry.getMetricsAsJSON()).filter(({ name }) => name === 'cache_size');
      expect(size!.values[0]!.labels).to.deep.equal({ region: 'eu', cache: 'app', tier: 'l1' });
    });
  });

  it('go into prom-client’s own registry by default, and out of it again', () => {
    const cache = observedCache('app');
    try {
      expect(addMetrics(cache)).to.equal(register);
      expect(register.getSingleMetric('cache_hits_total')).not.to.equal(undefined);
    } finally {
      removeMetrics(cache);
    }
    expect(register.getMetricsAsArray()).to.deep.equal([]);
  });

  it('as JSON have name, help, type and values, those of histograms with the names of their series', async () => {
    addMetrics(observedCache('app').time('feed', { load: [3] }), registry);
    const found = await registry.getMetricsAsJSON();
    expect(found.map(({ name }) => name)).to.deep.equal(CACHE_METRICS.map(({ name }) => name));
    const latency = found.find(({ name }) => name === 'cache_latency_ms')!;
    expect(latency).to.include({ type: 'histogram', aggregator: 'sum' });
    expect(latency.values).to.deep.include({
      metricName: 'cache_latency_ms_bucket',
      value: 1,
      labels: { le: 5, cache: 'app', method: 'feed', tier: 'load' },
    });
  });

  it('of the workers of a cluster are summed up, and their rates averaged', async () => {
    const second = new Registry();
    addMetrics(observedCache('app').count('feed', { l1: 1, l1Misses: 1 }), registry);
    addMetrics(observedCache('app').count('feed', { l1: 3 }), second);
    const workers = [await registry.getMetricsAsJSON(), await second.getMetricsAsJSON()];
    const text = await AggregatorRegistry.aggregate(workers).metrics();
    expect(text).to.include('cache_hits_total{cache="app",method="feed",tier="l1"} 4\n');
    expect(text).to.include('cache_hit_rate{cache="app",method="feed",tier="l1"} 0.75\n');
  });

  it('in OpenMetrics have counters named without suffix, and are whole again when the format is changed back', async () => {
    const open = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    addMetrics(observedCache('app').count('feed', { stampedes: 2 }), open);
    for (let scrape = 1; scrape <= 2; scrape += 1) {
      const text = await open.metrics();
      expect(text).to.include(
        '# TYPE cache_stampedes counter\ncache_stampedes_total{cache="app",method="feed"} 2\n',
      );
      expect(text).to.match(/# EOF\n$/);
    }
    (open as Registry<any>).setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
    expect(await open.metrics()).to.include(
      '# TYPE cache_stampedes_total counter\ncache_stampedes_total{cache="app",method="feed"} 2\n',
    );
  });
});

describe('an application without prom-client', () => {
  /** Runs a program in which no package of this name can be found. */
  function withoutPromClient(program: string): string {
    const script = `
      const { Module } = require('node:module');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => resolve(name === 'prom-client' ? 'prom-client-is-missing' : name, ...rest);
      require('./test/support/transpile.cjs');
      const { addMetrics } = require('./src/ops/observe/prometheus');
      const { CounterBook } = require('./src/engine/entry/counters');
      const cache = { namespace: 'app', counters: new CounterBook(), l1: () => ({ size: 0, bytes: 0 }), outbox: () => 0, breaker: () => [] };
      ${program}`;
    return execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
  }

  it('is told by a coded error what to install when it asks for the default registry', () => {
    const output = withoutPromClient(`
      try { addMetrics(cache); } catch (error) { console.log(error.code, error.message); }`);
    expect(output).to.match(/^TIERCEL_PROM_CLIENT_MISSING .*npm install prom-client/);
  });
});

describe('the loading of prom-client', () => {
  it('waits until somebody asks for its default registry, and does not happen for a registry that is given', () => {
    const script = `
      require('./test/support/transpile.cjs');
      const loaded = () => Object.keys(require.cache).some((file) => file.includes('/prom-client/'));
      const { addMetrics } = require('./src/ops/observe/prometheus');
      const { CounterBook } = require('./src/engine/entry/counters');
      const cache = { namespace: 'app', counters: new CounterBook(), l1: () => ({ size: 0, bytes: 0 }), outbox: () => 0, breaker: () => [] };
      const seen = [loaded()];
      addMetrics(cache, { getSingleMetric() {}, registerMetric() {} });
      seen.push(loaded());
      addMetrics(cache);
      seen.push(loaded());
      console.log(JSON.stringify(seen));`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
    expect(JSON.parse(output)).to.deep.equal([false, false, true]);
  });
});

describeWith('promtool', 'promtool check metrics', (promtool) => {
  it('has nothing to say except for the unit that the name cache_latency_ms carries', async () => {
    const registry = new Registry();
    const used = { l1: 5, l1Misses: 2, l2: 1, l2Misses: 1, loaded: 1, failed: 1, stampedes: 1 };
    addMetrics(
      observedCache('one')
        .count('feed', used)
        .time('feed', { l1: [0.1], l2: [3], load: [70, 200] }),
      registry,
    );
    addMetrics(
      observedCache('two', {
        l2: { kind: 'ready' },
        memory: { ...EMPTY_MEMORY, redis: { ...EMPTY_MEMORY.heap, ageSeconds: 1 } },
      }).count('Service.method', used),
      registry,
    );
    const { stderr, status } = spawnSync(promtool, ['check', 'metrics'], {
      input: await registry.metrics(),
      encoding: 'utf8',
    });
    // Versions of promtool word it differently.
    const complaints = stderr.trim().split('\n');
    expect(complaints.filter((line) => !line.startsWith('cache_latency_ms '))).to.deep.equal([]);
    expect(complaints).to.have.length(1);
    expect(status).to.equal(3);
  });
});
