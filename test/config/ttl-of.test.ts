import { expect } from 'chai';
import fc from 'fast-check';
import type { CacheConfig } from '../../src/config/cache-config';
import { resolveConfig, ttlOf } from '../../src/config/define';
import type { StoringOptions } from '../../src/config/options';
import { DurationError, TtlError, UnknownPresetError } from '../../src/contract/errors';

const SUBJECT = 'PriceService.price';

const TWO_TIERS = {
  l1: { defaultTTL: 60 },
  l2: { host: 'redis', defaultTTL: 300 },
  ttl: { prices: 30, portfolio: '3m', leaderboard: { l1: '2m', l2: '5m' }, once: 0 },
} satisfies CacheConfig;

function seconds(options: StoringOptions, config: CacheConfig = TWO_TIERS): [l1: number, l2: number] {
  const { l1Ms, l2Ms } = ttlOf(options, resolveConfig(config), SUBJECT);
  return [l1Ms / 1_000, l2Ms / 1_000];
}

describe('ttlOf', () => {
  it('gives each tier its default if no ttl is given', () => {
    expect(seconds({})).to.deep.equal([60, 300]);
    expect(seconds({ ttl: undefined })).to.deep.equal([60, 300]);
  });

  it("P4: gives L2 a single time, and L1 the same up to L1's default", () => {
    expect(seconds({ ttl: 30 })).to.deep.equal([30, 30]);
    expect(seconds({ ttl: 600 })).to.deep.equal([60, 600]);
    expect(seconds({ ttl: '10m' })).to.deep.equal([60, 600]);
  });

  it('reads a preset as if its time were written there', () => {
    expect(seconds({ ttl: 'prices' })).to.deep.equal([30, 30]);
    expect(seconds({ ttl: 'portfolio' })).to.deep.equal([60, 180]);
    expect(seconds({ ttl: 'leaderboard' })).to.deep.equal([120, 300]);
  });

  it("takes a time per tier as it is, even beyond L1's default, and a missing one from the tier's default", () => {
    expect(seconds({ ttl: { l1: '2m', l2: '5m' } })).to.deep.equal([120, 300]);
    expect(seconds({ ttl: { l1: 5 } })).to.deep.equal([5, 300]);
    expect(seconds({ ttl: { l2: 900 } })).to.deep.equal([60, 900]);
    expect(seconds({ ttl: {} })).to.deep.equal([60, 300]);
  });

  it('P4: never lets L1 outlive L2, whichever of the two is a default', () => {
    expect(seconds({ ttl: { l2: 10 } })).to.deep.equal([10, 10]);
    expect(seconds({ ttl: { l1: '10m' } })).to.deep.equal([300, 300]);
    expect(seconds({}, { ...TWO_TIERS, l2: { host: 'redis', defaultTTL: 20 } })).to.deep.equal([20, 20]);
  });

  it('refuses an explicit l1 that is longer than its l2', () => {
    expect(() => seconds({ ttl: { l1: '5m', l2: '1m' } }))
      .to.throw(TtlError, `(ttl of ${SUBJECT}): expected l1 not to outlive l2 ("1m"), got an l1 of "5m".`)
      .with.property('code', 'TIERCEL_TTL');
  });

  it('takes 0 as: do not cache, in the tier that it is given for', () => {
    expect(seconds({ ttl: 0 })).to.deep.equal([0, 0]);
    expect(seconds({ ttl: '0s' })).to.deep.equal([0, 0]);
    expect(seconds({ ttl: 'once' })).to.deep.equal([0, 0]);
    expect(seconds({ ttl: { l1: 0 } })).to.deep.equal([0, 300]);
    expect(seconds({ ttl: { l2: 0 } })).to.deep.equal([0, 0]);
  });

  it('gives a tier that is off, or left out by tiers, nothing', () => {
    expect(seconds({ ttl: 30 }, { ...TWO_TIERS, l1: false })).to.deep.equal([0, 30]);
    expect(seconds({ ttl: 30, tiers: 'l2' })).to.deep.equal([0, 30]);
    expect(seconds({ ttl: 30 }, { l1: false, l2: false })).to.deep.equal([0, 0]);
    expect(seconds({ ttl: 30, tiers: 'l2' }, { ...TWO_TIERS, l2: false })).to.deep.equal([0, 0]);
  });

  it('gives a single time to L1 in full if only L1 stores, as it trails no L2', () => {
    expect(seconds({ ttl: 600 }, { ...TWO_TIERS, l2: false })).to.deep.equal([600, 600]);
    expect(seconds({ ttl: 600, tiers: 'l1' })).to.deep.equal([600, 600]);
    expect(seconds({ ttl: { l1: '10m' }, tiers: 'l1' })).to.deep.equal([600, 600]);
    expect(seconds({ ttl: 'leaderboard' }, { ...TWO_TIERS, l2: false })).to.deep.equal([120, 120]);
    expect(seconds({ tiers: 'l1' })).to.deep.equal([60, 60]);
  });

  it('refuses an unknown preset, and names the one that was meant', () => {
    expect(() => seconds({ ttl: 'leaderbord' }))
      .to.throw(
        UnknownPresetError,
        `(ttl of ${SUBJECT}): expected one of prices, portfolio, leaderboard, once, got "leaderbord". Did you mean 'leaderboard'?`,
      )
      .with.property('code', 'TIERCEL_UNKNOWN_PRESET');
    expect(() => seconds({ ttl: 'constructor' }))
      .to.throw(UnknownPresetError)
      .and.not.match(/Did you mean/);
    expect(() => seconds({ ttl: '5 minutes' }, {})).to.throw(UnknownPresetError, 'as there are no presets');
  });

  for (const ttl of [-1, Number.NaN, null, true, [], { l1: -1 }, { l1: '5' }, { l3: 5 }, { l1: 5, L2: 5 }]) {
    it(`refuses ${JSON.stringify(ttl)} with a coded error`, () => {
      expect(() => seconds({ ttl: ttl as never }))
        .to.throw()
        .that.satisfies((error: unknown) => error instanceof DurationError || error instanceof TtlError);
    });
  }

  it('P4: holds l1 <= l2 for every combination of configuration and options', () => {
    const time = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined });
    const tier = fc.oneof(fc.constant(false as const), fc.record({ defaultTTL: time }));
    const perTier = fc
      .record({ l1: time, l2: time })
      .filter(({ l1, l2 }) => l1 === undefined || l2 === undefined || l1 <= l2);
    const tiers = fc.constantFrom('l1', 'l2', 'both', undefined);
    fc.assert(
      fc.property(tier, tier, fc.oneof(time, perTier), tiers, (l1, l2, ttl, tiers) => {
        const config = { l1, l2: l2 === false ? l2 : { ...l2, host: 'redis' } };
        const [l1Seconds, l2Seconds] = seconds({ ttl, tiers }, config);
        expect(l1Seconds).to.be.within(0, l2Seconds);
        if (typeof ttl === 'number') expect(l2Seconds).to.be.oneOf([ttl, 0]);
      }),
    );
  });
});
