import { expect } from 'chai';
import fc from 'fast-check';
import { durationMs, isDurationText } from '../../src/config/durations';
import { DurationError } from '../../src/contract/errors';

const DAY = 86_400_000;

describe('durationMs', () => {
  const readable: readonly [string, number][] = [
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', DAY],
    ['1.5s', 1_500],
    ['0s', 0],
    ['3650d', 3_650 * DAY],
  ];
  for (const [text, ms] of readable) {
    it(`reads '${text}' as ${ms} ms, whether or not plain seconds are allowed`, () => {
      expect(durationMs(text, 'ttl')).to.equal(ms);
      expect(durationMs(text, 'ttl', 'seconds')).to.equal(ms);
    });
  }

  it('counts plain numbers as seconds where they are allowed, fractions included', () => {
    expect(durationMs(60, 'ttl', 'seconds')).to.equal(60_000);
    expect(durationMs(0.25, 'ttl', 'seconds')).to.equal(250);
    expect(durationMs(0, 'ttl', 'seconds')).to.equal(0);
  });

  it('refuses a plain number if a unit must be written, as it could be seconds or milliseconds', () => {
    expect(() => durationMs(50, 'l2.deadline'))
      .to.throw(
        DurationError,
        "(l2.deadline): expected a duration with its unit, such as '250ms' or '5s', got 50",
      )
      .with.property('code', 'TIERCEL_DURATION');
  });

  for (const value of [
    '',
    '5',
    'm',
    '5 m',
    '5M',
    '5min',
    '-5m',
    '+5m',
    '1e3s',
    '.5s',
    '5.s',
    '0x1s',
    '1h30m',
    '5m\n',
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      expect(() => durationMs(value, 'ttl', 'seconds')).to.throw(DurationError);
      expect(isDurationText(value)).to.equal(false);
    });
  }

  for (const value of [
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    {},
    [],
    ['5m'],
    5n,
    new Date(),
  ]) {
    it(`refuses ${typeof value} ${String(value)}`, () => {
      expect(() => durationMs(value, 'ttl', 'seconds')).to.throw(DurationError);
    });
  }

  it('refuses more than ten years: a Unix time given as a time to live', () => {
    expect(() => durationMs(1_700_000_000, 'ttl', 'seconds')).to.throw(DurationError);
    expect(() => durationMs('3651d', 'ttl')).to.throw(DurationError);
  });

  it('refuses to round something to nothing, since 0 means not to cache', () => {
    expect(() => durationMs(0.0001, 'ttl', 'seconds')).to.throw(DurationError);
    expect(() => durationMs('0.4ms', 'ttl')).to.throw(DurationError);
    expect(durationMs('0.5ms', 'ttl')).to.equal(1);
  });

  it('gives whole milliseconds, and the same for a number of seconds as for a string of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (thousandths) => {
        const seconds = thousandths / 1_000;
        const ms = durationMs(seconds, 'ttl', 'seconds');
        expect(ms)
          .to.equal(thousandths)
          .and.to.equal(durationMs(`${seconds}s`, 'ttl'));
      }),
    );
  });
});
