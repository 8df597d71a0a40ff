import { inspect } from 'node:util';
import { expect } from 'chai';
import type { CacheConfig } from '../../src/config/cache-config';
import { defineCacheConfig, resolveConfig } from '../../src/config/define';
import { ConfigError } from '../../src/contract/errors';
import { problemsOf } from './problems';

/** As a user without types would write it. */
function untyped(config: unknown): CacheConfig {
  return config as CacheConfig;
}

/** One line per problem: `path: expected ..., got ...`. */
function lines(config: unknown): string[] {
  return problemsOf(config).map(({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`);
}

function inEnvironment<T>(name: string | undefined, work: () => T): T {
  const before = process.env['NODE_ENV'];
  const set = (value: string | undefined) => {
    if (value === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = value;
  };
  set(name);
  try {
    return work();
  } finally {
    set(before);
  }
}

describe('resolveConfig', () => {
  it('applies every default to an empty configuration, which has no L2', () => {
    expect(inEnvironment('development', () => resolveConfig({}))).to.deep.equal({
      namespace: 'tiercel',
      l1: { maxSize: 10_000, maxBytes: undefined, defaultTtlMs: 60_000, sweepMs: 30_000, jitter: 0.1 },
      l2: false,
      presets: new Map(),
      events: new Map(),
      patterns: [],
      load: { leaseMs: 3_000, waitMs: 1_000, maxMs: 30_000 },
      coherence: { transport: 'auto', heartbeatMs: 100, stalenessBoundMs: 500, degradedTtlMs: 5_000 },
      monitoring: {
        hitRateThreshold: 80,
        alertOnLowHitRate: true,
        responseTimeThresholdMs: 2_000,
        memoryThreshold: 80,
        invalidationRateThreshold: 1_000,
        minCalls: 100,
        alertWindowMs: 60_000,
        evaluateEveryMs: 10_000,
        collectEveryMs: 60_000,
        history: 1_000,
      },
      serializer: 'json',
      protect: 'freeze',
      warnRoundTrip: true,
      statistics: true,
      context: undefined,
      requireContext: [],
    });
  });

  it('applies every default to an L2 that has no more than a host', () => {
    const { l2 } = resolveConfig({ l2: { host: 'redis' } });
    expect({ ...l2, connection: undefined }).to.deep.equal({
      connection: undefined,
      compress: undefined,
      strict: false,
      defaultTtlMs: 300_000,
      deadlineMs: 50,
      socketTimeoutMs: 500,
      invalidationBudgetMs: 1_000,
    });
  });

  it('neither freezes values nor warns of round trips in production, unless it is told to', () => {
    const production = inEnvironment('production', () => resolveConfig({}));
    expect(production).to.include({ protect: 'none', warnRoundTrip: false });
    const told = inEnvironment('production', () => resolveConfig({ protect: 'clone', warnRoundTrip: true }));
    expect(told).to.include({ protect: 'clone', warnRoundTrip: true });
    expect(inEnvironment(undefined, () => resolveConfig({}))).to.include({
      protect: 'freeze',
      warnRoundTrip: true,
    });
  });

  it('accepts the configuration file of the strategy as it stands, with and without Redis in the environment', () => {
    const file = (env: Readonly<Record<string, string | undefined>>) =>
      resolveConfig({
        l1: { maxSize: 1000, defaultTTL: 300 },
        l2: { host: env['REDIS_HOST'], port: env['REDIS_PORT'], defaultTTL: 600 },
        monitoring: { hitRateThreshold: 80, alertOnLowHitRate: true },
      });
    expect(file({})).to.deep.include({ l2: false });
    const { l1, l2 } = file({ REDIS_HOST: 'redis', REDIS_PORT: '6380' });
    expect(l1).to.include({ maxSize: 1000, defaultTtlMs: 300_000 });
    expect(l2)
      .to.deep.include({ defaultTtlMs: 600_000 })
      .and.to.have.nested.include({ 'connection.port': 6380 });
  });

  it('reads presets, events, patterns and every duration', () => {
    const config = resolveConfig({
      namespace: 'app.eu',
      l1: { sweep: '1m', jitter: 0, maxBytes: 1_000_000 },
      l2: {
        host: 'redis',
        deadline: '20ms',
        socketTimeout: '1s',
      },
      load: { lease: '1s', wait: '2s', max: '2s' },
      ttl: { prices: 60, portfolio: '3m', leaderboard: { l1: '1m', l2: '5m' }, top: { l1: 5 } },
      events: { 'signal.created': ['feed:*', 'provider:<providerId>:stats', 'leaderboard:top'] },
      patterns: ['signal:*'],
      coherence: { transport: 'pubsub', heartbeat: '50ms', stalenessBound: '150ms', degradedTtl: 0 },
    });
    expect([...config.presets]).to.deep.equal([
      ['prices', { l1Ms: undefined, l2Ms: 60_000 }],
      ['portfolio', { l1Ms: undefined, l2Ms: 180_000 }],
      ['leaderboard', { l1Ms: 60_000, l2Ms: 300_000 }],
      ['top', { l1Ms: 5_000, l2Ms: undefined }],
    ]);
    expect([...config.events]).to.deep.equal([
      ['signal.created', ['feed:*', 'provider:<providerId>:stats', 'leaderboard:top']],
    ]);
    expect(config.patterns).to.deep.equal(['signal:*']);
    expect(config.coherence).to.deep.equal({
      transport: 'pubsub',
      heartbeatMs: 50,
      stalenessBoundMs: 150,
      degradedTtlMs: 0,
    });
    expect(config).to.deep.include({
      namespace: 'app.eu',
      l1: { maxSize: 10_000, maxBytes: 1_000_000, defaultTtlMs: 60_000, sweepMs: 60_000, jitter: 0 },
    });
    expect(config.l2).to.include({
      deadlineMs: 20,
      socketTimeoutMs: 1_000,
    });
    expect(config.load).to.deep.equal({ leaseMs: 1_000, waitMs: 2_000, maxMs: 2_000 });
  });

  it('takes a serializer that is an instance of a class as it is', () => {
    class Packer {
      readonly tag = 'packer.v1';
      encode = () => '';
      decode(): unknown {
        return undefined;
      }
    }
    const serializer = new Packer();
    expect(resolveConfig({ serializer }).serializer).to.equal(serializer);
  });

  it('checks as well, for callers that skipped defineCacheConfig', () => {
    expect(() => resolveConfig(untyped({ l1: { maxSize: 0 } }))).to.throw(ConfigError);
  });
});

describe('defineCacheConfig', () => {
  it('returns the very object that it was given', () => {
    const config = { namespace: 'app', l2: { host: undefined } };
    expect(defineCacheConfig(config)).to.equal(config);
    expect(config).to.deep.equal({ namespace: 'app', l2: { host: undefined } });
  });

  it('throws one coded error that lists every problem, a line each', () => {
    const config = untyped({
      l1: { maxSize: 0 },
      l2: { host: 'redis', port: 'abc' },
      ttl: { prices: 'soon' },
    });
    expect(() => defineCacheConfig(config))
      .to.throw(ConfigError)
      .with.property(
        'message',
        [
          'Invalid cache configuration: expected every option to be valid, got 3 problems:',
          '  l1.maxSize: expected a whole number from 1 to 10000000, got 0',
          '  l2.port: expected a whole number from 1 to 65535, got "abc"',
          "  ttl.prices: expected seconds from 0 to ten years, or a duration such as '30s' or '5m', got \"soon\".",
        ].join('\n'),
      );
    expect(() => defineCacheConfig(config))
      .to.throw()
      .with.property('code', 'TIERCEL_CONFIG');
  });

  it('P1: refuses namespaces in which one could share the keys of another', () => {
    for (const namespace of ['app:eu', '', 'a b', 'a*', '{a}', 'a<', 'ä', 7, null]) {
      expect(problemsOf({ namespace }), String(namespace)).to.have.length(1);
    }
    for (const namespace of ['app', 'app.eu', 'A-1_b']) expect(problemsOf({ namespace })).to.deep.equal([]);
  });

  it('refuses an unknown option, and names the one that was meant', () => {
    expect(lines({ l1: { maxsize: 5 }, namspace: 'app', coherence: { heartBeat: '1s' } })).to.deep.equal([
      "l1.maxsize: expected 'maxSize', got an unknown option",
      "coherence.heartBeat: expected 'heartbeat', got an unknown option",
      "namspace: expected 'namespace', got an unknown option",
    ]);
    expect(lines({ monitoring: { colour: 'red' } })[0]).to.match(
      /^monitoring.colour: expected one of hitRateThreshold, alertOnLowHitRate, .+, got an unknown option$/,
    );
  });

  for (const [option, path, values] of [
    ['maxSize', 'l1', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10_000_001, '1000', null]],
    ['maxBytes', 'l1', [0, -1, 1.5, Number.NaN, '64mb', 2 ** 60]],
    ['jitter', 'l1', [-0.1, 1.1, Number.NaN, '10%', null]],
    ['defaultTTL', 'l1', [-1, Number.NaN, '5', 'soon', null]],
    ['sweep', 'l1', [30, '0s', '25d', '30', null]],
    ['deadline', 'l2', [50, '0ms', '-1ms', null]],
    ['lease', 'load', [3, '0s', '30d']],
    ['defaultTTL', 'l2', [-1, '1 h', Number.POSITIVE_INFINITY]],
    ['degradedTtl', 'coherence', [5, -1, '5', null]],
    ['heartbeat', 'coherence', [0, 100, '0ms']],
    ['transport', 'coherence', ['tcp', true, '']],
    ['hitRateThreshold', 'monitoring', [-1, 101, Number.NaN, '80']],
    ['alertOnLowHitRate', 'monitoring', ['yes', 1, null]],
    ['responseTimeThreshold', 'monitoring', [2, '0s']],
    ['memoryThreshold', 'monitoring', [0, 101]],
    ['invalidationRateThreshold', 'monitoring', [0, 1.5]],
    ['minCalls', 'monitoring', [0]],
    ['evaluateEvery', 'monitoring', ['999ms', 10]],
    ['collectEvery', 'monitoring', ['999ms']],
    ['history', 'monitoring', [-1, 1_000_001, null]],
  ] as const) {
    for (const value of values) {
      it(`refuses ${inspect(value)} for ${path}.${option}`, () => {
        expect(problemsOf({ [path]: { [option]: value } }).map((problem) => problem.path)).to.deep.equal([
          `${path}.${option}`,
        ]);
      });
    }
  }

  it('accepts the extreme values that are possible', () => {
    const config = {
      l1: { maxSize: 1, maxBytes: 1, jitter: 1, defaultTTL: 0, sweep: '24d' },
      l2: { defaultTTL: '0s' },
      coherence: { degradedTtl: '0ms' },
      monitoring: { hitRateThreshold: 0 },
    };
    expect(problemsOf(config)).to.deep.equal([]);
    expect(
      problemsOf({ l1: { maxSize: 10_000_000, jitter: 0 }, monitoring: { hitRateThreshold: 100 } }),
    ).to.deep.equal([]);
  });

  it('refuses a section, or a whole configuration, that is not an object', () => {
    for (const [config, path] of [
      [null, 'the configuration'],
      ['redis://host', 'the configuration'],
      [[], 'the configuration'],
      [{ l1: true }, 'l1'],
      [{ l2: 'redis' }, 'l2'],
      [{ l2: null }, 'l2'],
      [{ ttl: [] }, 'ttl'],
      [{ patterns: null }, 'patterns'],
      [{ events: 'feed:*' }, 'events'],
      [{ coherence: false }, 'coherence'],
    ] as const) {
      expect(problemsOf(config).map((problem) => problem.path)).to.deep.equal([path]);
    }
  });

  it('refuses other words for serializer, protect, statistics and warnRoundTrip', () => {
    const config = { serializer: null, protect: true, statistics: 'off', warnRoundTrip: 1 };
    expect(problemsOf(config).map(({ path }) => path)).to.have.members(Object.keys(config));
  });

  it('refuses a context that is no function, and requires one for requireContext', () => {
    const context = () => undefined;
    expect(problemsOf({ context, requireContext: ['tenant'] } as never)).to.deep.equal([]);
    for (const [config, path] of [
      [{ context: {} }, 'context'],
      [{ context, requireContext: 'tenant' }, 'requireContext'],
      [{ requireContext: ['tenant'] }, 'context'],
    ] as const) {
      expect(problemsOf(config as never).map((problem) => problem.path)).to.deep.equal([path]);
    }
  });

  it('refuses a serializer without its functions, or with a tag that entries already carry', () => {
    expect(lines({ serializer: { tag: 'json', encode: 1 } })).to.deep.equal([
      "serializer.tag: expected 1 to 32 letters, digits, '_', '.' and '-', other than 'json' and 'structured', got \"json\"",
      'serializer.encode: expected a function, got 1',
      'serializer.decode: expected a function, got undefined',
    ]);
    const tagged = (tag: unknown) =>
      problemsOf({ serializer: { tag, encode: () => '', decode: () => 0 } }).length;
    expect(['a', 'x'.repeat(32), 'msg-pack_1.2'].map(tagged)).to.deep.equal([0, 0, 0]);
    expect(['', 'x'.repeat(33), 'a b', 'structured', 7].map(tagged)).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it('refuses a preset without a name, and one whose name reads as a duration, since a ttl could mean either', () => {
    expect(lines({ ttl: { '5m': 60, '': 60 } })).to.deep.equal([
      'ttl.5m: expected a name that does not read as a duration, got "5m"',
      'ttl.: expected a name that does not read as a duration, got ""',
    ]);
  });

  it('refuses presets that are not a time to live, and names them', () => {
    expect(
      problemsOf({ ttl: { a: -1, b: { l1: '5m', l2: '1m' }, c: { l3: 1 }, d: { l1: 'x' }, e: null } }).map(
        ({ path }) => path,
      ),
    ).to.deep.equal(['ttl.a', 'ttl.b', 'ttl.c', 'ttl.d.l1', 'ttl.e']);
  });

  it('refuses an event without a name', () => {
    expect(lines({ events: { '': ['feed:*'] } })).to.deep.equal([
      'events.: expected an event with a name, got ""',
    ]);
  });

  it('refuses events without patterns, patterns that cannot be parsed, and placeholders that no data can fill', () => {
    expect(
      lines({
        events: {
          none: [],
          text: 'feed:*',
          'signal.created': ['provider:{id}:stats', 7, 'feed:*'],
          saved: ['user:<result.id>'],
        },
        patterns: ['us*r:x'],
      }),
    ).to.deep.equal([
      'events.none: expected an array of at least one pattern, got an empty array',
      'events.text: expected an array of at least one pattern, got "feed:*"',
      'events.signal.created[0]: expected <id>, got {id}',
      'events.signal.created[1]: expected a pattern, got 7',
      'events.saved: expected placeholders that name the event\'s data, got <result.id> in "user:<result.id>"',
      "patterns[0]: expected '*' as a whole segment, got 'us*r'",
    ]);
  });
});

describe('the bounds that options set each other', () => {
  for (const [title, config, path] of [
    [
      'a deadline as long as the staleness bound',
      { l2: { deadline: '500ms', socketTimeout: '1s' } },
      'l2.deadline',
    ],
    [
      'a socket timeout no longer than the deadline',
      { l2: { deadline: '100ms', socketTimeout: '100ms' } },
      'l2.socketTimeout',
    ],
    ['a lease that one ordinary pause would lose', { load: { lease: '450ms' } }, 'load.lease'],
    ['a wait longer than the longest load', { load: { max: '999ms' } }, 'load.wait'],
    [
      'a budget shorter than the staleness bound',
      { l2: { invalidationBudget: '499ms' } },
      'l2.invalidationBudget',
    ],
    [
      'fewer than three heartbeats in the staleness bound',
      { coherence: { heartbeat: '167ms' } },
      'coherence.stalenessBound',
    ],
    [
      'alerts that look back less far than they are apart',
      { monitoring: { alertWindow: '9s' } },
      'monitoring.alertWindow',
    ],
  ] as const) {
    it(`refuse ${title}, with and without an L2`, () => {
      expect(problemsOf(config).map((problem) => problem.path)).to.deep.equal([path]);
      const l2 = 'l2' in config ? config.l2 : {};
      expect(
        problemsOf({ ...config, l2: { ...l2, host: 'redis' } }).map((problem) => problem.path),
      ).to.deep.equal([path]);
    });
  }

  it('accept values at the edge of each bound', () => {
    const l2 = {
      deadline: '499ms',
      socketTimeout: '500ms',
      invalidationBudget: '500ms',
    };
    expect(
      problemsOf({ l2, load: { lease: '1798ms', max: '1s' }, coherence: { heartbeat: '166ms' } }),
    ).to.deep.equal([]);
  });

  it('name the bound and its value', () => {
    expect(lines({ coherence: { heartbeat: '1s' } })).to.deep.equal([
      'coherence.stalenessBound: expected at least three times coherence.heartbeat (3000 ms), got 500 ms',
    ]);
  });

  it('are not checked for values that have a problem of their own, on either side', () => {
    const paths = (coherence: object) => problemsOf({ coherence }).map(({ path }) => path);
    expect(paths({ heartbeat: '1s', stalenessBound: 'soon' })).to.deep.equal(['coherence.stalenessBound']);
    expect(paths({ heartbeat: 'often', stalenessBound: '60ms' })).to.not.include('coherence.stalenessBound');
  });
});
