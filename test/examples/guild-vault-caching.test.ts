/**
 * The parts of the guild-vault example that an application would take over: the names of keys, the invalidator, and reads with
 * a time to live for each tier. Over a real Redis and two nodes, as its workers are.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { CacheInvalidator } from '../../examples/guild-vault/cache-invalidator';
import {
  CacheKeys,
  cacheKey,
  DECLARED_PATTERNS,
  ENTITY_TYPES,
  InvalidationPatterns,
  NAMESPACES,
} from '../../examples/guild-vault/cache-keys';
import { getOrCompute } from '../../examples/guild-vault/get-or-compute';
import type { TiercelCache } from '../../src/index';
import { bindPattern, parsePattern } from '../../src/keys/pattern';
import { ManualClock } from '../support/manual-clock';
import { elapse, heard, inL1, sharedRedis, useNodes } from '../support/nodes';

const WALLET = '0xABCDef';

describe('keys of the guild-vault example', () => {
  it('are those of the report', () => {
    expect(CacheKeys.userVault('12345')).to.equal('vault:user:12345');
    expect(CacheKeys.userPosition('12345', '67890')).to.equal('lb:user:12345:guild:67890');
    expect(CacheKeys.guildLeaderboard('67890')).to.equal('lb:guild:67890');
    expect(CacheKeys.tenantConfig('67890')).to.equal('cfg:guild:67890');
    expect(CacheKeys.rpcBalance('0xABCD')).to.equal('rpc:wallet:0xabcd');
  });

  it('without a builder follow the format, with a version or without', () => {
    expect(cacheKey('token', 'list', 'all')).to.equal('token:list:all');
    expect(cacheKey('gen', 'val', 7, 'v2')).to.equal('gen:val:7:v2');
  });

  it('are different for different parts, whatever an identifier contains', () => {
    const part = fc.tuple(
      fc.constantFrom(...NAMESPACES),
      fc.constantFrom(...ENTITY_TYPES),
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
    );
    fc.assert(
      fc.property(part, part, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(cacheKey(...one)).not.to.equal(cacheKey(...other));
      }),
    );
  });
});

describe('invalidation patterns of the guild-vault example', () => {
  const reach = (patterns: readonly string[], key: string): boolean =>
    patterns.some((pattern) => bindPattern(parsePattern(pattern), {}).matches(key));

  for (const { name, patterns, reached, spared } of [
    {
      name: 'allForUser',
      patterns: InvalidationPatterns.allForUser('12345'),
      reached: [CacheKeys.userVault('12345'), CacheKeys.userPosition('12345', '67890'), 'sess:user:12345:v2'],
      spared: [CacheKeys.userVault('123456'), CacheKeys.tenantConfig('12345')],
    },
    {
      name: 'guildLeaderboard',
      patterns: InvalidationPatterns.guildLeaderboard('67890'),
      reached: [
        CacheKeys.guildLeaderboard('67890'),
        cacheKey('lb', 'guild', '67890', 'v2'),
        CacheKeys.userPosition('12345', '67890'),
      ],
      spared: [
        CacheKeys.guildLeaderboard('67891'),
        CacheKeys.userPosition('12345', '67891'),
        CacheKeys.tenantConfig('67890'),
      ],
    },
    {
      name: 'allRpc',
      patterns: InvalidationPatterns.allRpc(),
      reached: [CacheKeys.rpcBalance(WALLET), cacheKey('rpc', 'val', 'block')],
      spared: [CacheKeys.userVault('rpc')],
    },
    {
      name: 'namespace',
      patterns: InvalidationPatterns.namespace('vault'),
      reached: [CacheKeys.userVault('12345'), cacheKey('vault', 'agg', 'all', 1)],
      spared: [CacheKeys.userPosition('12345', '67890')],
    },
  ]) {
    it(`${name} reaches what it is for, and nothing beside it`, () => {
      for (const key of reached) expect(reach(patterns, key), key).to.equal(true);
      for (const key of spared) expect(reach(patterns, key), key).to.equal(false);
    });
  }

  it('treat a wildcard in an id as text', () => {
    expect(reach(InvalidationPatterns.allForUser('*'), CacheKeys.userVault('12345'))).to.equal(false);
  });
});

describe('the invalidator of the guild-vault example', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let other: TiercelCache;
  let invalidator: CacheInvalidator;

  const VAULT = CacheKeys.userVault('12345');
  const POSITION = CacheKeys.userPosition('12345', '67890');
  const LEADERBOARD = CacheKeys.guildLeaderboard('67890');
  const CONFIG = CacheKeys.tenantConfig('67890');
  const BALANCE = CacheKeys.rpcBalance(WALLET);
  const STRANGERS = [
    CacheKeys.userVault('9'),
    CacheKeys.userPosition('9', '67890'),
    CacheKeys.userPosition('9', '8'),
    CacheKeys.guildLeaderboard('8'),
    CacheKeys.tenantConfig('8'),
    CacheKeys.rpcBalance('0xff'),
  ];
  const ALL = [VAULT, POSITION, LEADERBOARD, CONFIG, BALANCE, ...STRANGERS];

  beforeEach(async () => {
    const redis = await sharedRedis();
    cache = await nodes.node(redis, { patterns: DECLARED_PATTERNS });
    other = await nodes.node(redis, { patterns: DECLARED_PATTERNS });
    invalidator = new CacheInvalidator(cache);
    await cache.setMany(ALL.map((key) => [key, key]));
    await heard(cache);
    await heard(other);
  });

  const left = async (of: TiercelCache): Promise<string[]> => [...(await of.getMany(ALL)).keys()];

  for (const { method, call, removed } of [
    { method: 'onUserVaultUpdate', call: () => invalidator.onUserVaultUpdate('12345'), removed: [VAULT] },
    {
      method: 'onUserScoreUpdate',
      call: () => invalidator.onUserScoreUpdate('12345', '67890'),
      removed: [POSITION, LEADERBOARD],
    },
    {
      method: 'onGuildLeaderboardChange',
      call: () => invalidator.onGuildLeaderboardChange('67890'),
      removed: [LEADERBOARD, POSITION, CacheKeys.userPosition('9', '67890')],
    },
    {
      method: 'onTenantConfigUpdate',
      call: () => invalidator.onTenantConfigUpdate('67890'),
      removed: [CONFIG],
    },
    {
      method: 'onChainReorg',
      call: () => invalidator.onChainReorg(),
      removed: [BALANCE, CacheKeys.rpcBalance('0xff')],
    },
    {
      method: 'onBalanceChange, in capitals',
      call: () => invalidator.onBalanceChange(WALLET.toUpperCase()),
      removed: [BALANCE],
    },
    {
      method: 'onBulkUserUpdate',
      call: () => invalidator.onBulkUserUpdate(['12345', '9']),
      removed: [VAULT, POSITION, ...STRANGERS.slice(0, 3)],
    },
  ]) {
    it(`${method} takes ${removed.length} of ${ALL.length} keys from both nodes`, async () => {
      expect(await left(other)).to.have.members(ALL);
      expect(await call()).to.equal(true);
      await heard(other);
      const kept = ALL.filter((key) => !removed.includes(key));
      expect(await left(cache)).to.have.members(kept);
      expect(await left(other)).to.have.members(kept);
    });
  }

  it('sweeps nothing: all its patterns are declared', async () => {
    for (const patterns of [
      InvalidationPatterns.allForUser('12345'),
      InvalidationPatterns.guildLeaderboard('67890'),
      ...NAMESPACES.map(InvalidationPatterns.namespace),
    ]) {
      expect(await cache.invalidate({ patterns })).to.deep.equal({ acknowledged: true, swept: 0 });
    }
  });

  it('writes through: both nodes read the result of the write, and nobody loads', async () => {
    expect(await invalidator.writeThrough(VAULT, async () => 'new')).to.equal('new');
    await heard(other);
    expect(await cache.get(VAULT)).to.equal('new');
    expect(await other.get(VAULT)).to.equal('new');
  });

  it('keeps a history with time, strategy, patterns and reason, and counts by window', async () => {
    const before = Date.now();
    await invalidator.onUserVaultUpdate('12345');
    await invalidator.onChainReorg();
    await invalidator.writeThrough(VAULT, async () => 'new');
    const records = invalidator.history();
    expect(records.map(({ strategy, patterns, reason }) => ({ strategy, patterns, reason }))).to.deep.equal([
      { strategy: 'write-invalidate', patterns: [VAULT], reason: 'user vault update' },
      { strategy: 'pattern', patterns: ['rpc:*'], reason: 'chain reorganization' },
      { strategy: 'write-through', patterns: [VAULT], reason: null },
    ]);
    for (const { at } of records) expect(at).to.be.within(before, Date.now());
    const { total, byStrategy } = invalidator.getInvalidationStats(60_000);
    expect(total).to.equal(3);
    expect(byStrategy).to.deep.equal({ 'write-invalidate': 1, 'write-through': 1, pattern: 1 });
    expect(invalidator.getInvalidationStats(0).total).to.equal(0);
  });
});

describe('getOrCompute of the guild-vault example', () => {
  const nodes = useNodes();

  const STEPS = [
    { lifetimes: { l1TtlMs: 30_000, l2TtlMs: 180_000 }, l1Ms: 30_000, l2Ms: 180_000 },
    { lifetimes: {}, l1Ms: 60_000, l2Ms: 300_000 },
  ];
  for (const { lifetimes, l1Ms, l2Ms } of STEPS) {
    it(`keeps a value for ${l1Ms / 1_000} s in L1 and ${l2Ms / 1_000} s in L2 if it is told ${JSON.stringify(lifetimes)}`, async () => {
      const clock = new ManualClock();
      const redis = await sharedRedis();
      const cache = await nodes.node(redis, { l1: { jitter: 0 } }, { clock });
      const key = CacheKeys.userVault('12345');
      const read = () => getOrCompute(cache, key, async () => 'vault', lifetimes);
      expect(await read()).to.equal('vault');
      const leftInRedis = await nodes.client(redis).pttl(key);
      expect(leftInRedis).to.be.within(l2Ms - 5_000, l2Ms);
      await inL1(cache, key, read);
      await elapse(clock, l1Ms - 1_000, cache);
      expect(cache.peek(key)).to.equal('vault');
      await elapse(clock, 1_000, cache);
      expect(cache.peek(key)).to.equal(undefined);
    });
  }
});
