import { expect } from 'chai';
import { brokenPromises, CUT_OFF, EXACT, NORMAL, STALENESS_BOUND_MS } from './limits';
import type { TrialResult } from './trial';

interface Seen extends Partial<Omit<TrialResult, 'findings'>> {
  readonly reads?: number;
  readonly staleAges?: readonly number[];
  readonly ownStale?: number;
}

function result({ reads = 1_000_000, staleAges = [], ownStale = 0, ...rest }: Seen = {}): TrialResult {
  return {
    findings: { reads, staleAges, ownStale },
    ...{ loads: 1, writes: 1, stuck: 0, blows: 0, slowestRead: 0, unacknowledged: 0 },
    ...{ failures: [], rejections: [] },
    ...rest,
  };
}

const stale = (count: number, age = 1): number[] => Array.from({ length: count }, () => age);

describe('the limits of the consistency checker', () => {
  it('let through a trial in which nothing was stale, stuck or failed', () => {
    expect(brokenPromises(result(), NORMAL)).to.deep.equal([]);
    expect(brokenPromises(result(), EXACT)).to.deep.equal([]);
  });

  it('allow 100 stale reads in a million, and three standard deviations of chance', () => {
    expect(brokenPromises(result({ staleAges: stale(130) }), NORMAL)).to.deep.equal([]);
    expect(brokenPromises(result({ staleAges: stale(131) }), NORMAL)).to.have.lengthOf(1);
  });

  it('allow no stale read at all without L1', () => {
    expect(brokenPromises(result({ staleAges: stale(1) }), EXACT)).to.not.deep.equal([]);
  });

  it('allow a process that is cut off any number of stale reads within the bound, and none beyond it', () => {
    const within = result({ staleAges: stale(100_000, STALENESS_BOUND_MS) });
    expect(brokenPromises(within, CUT_OFF)).to.deep.equal([]);
    const beyond = result({ staleAges: [1, STALENESS_BOUND_MS + 0.1] });
    expect(brokenPromises(beyond, CUT_OFF)).to.deep.equal(['a stale read older than 500 ms']);
  });

  const broken: readonly [what: string, seen: Seen][] = [
    ['nothing was read', { reads: 0 }],
    ['a read missed a write of its own process', { ownStale: 1 }],
    ['a key stays stale', { stuck: 1 }],
    ['a call of the cache failed', { failures: ['reading: Error'] }],
    ['a rejection was not handled', { rejections: ['Error'] }],
  ];
  for (const [what, seen] of broken) {
    it(`are broken when ${what}`, () => {
      expect(brokenPromises(result(seen), CUT_OFF)).to.have.lengthOf(1);
    });
  }
});
