import { expect } from 'chai';
import { Arena } from './arena';
import { FAULTS, type Fault, killedWriters } from './faults';
import { brokenPromises, type Limits } from './limits';
import { HEADING, rowOf } from './table';
import { runTrial, type TrialResult } from './trial';
import type { CacheName } from './workload';

/** A short look at what `npm run consistency` looks at for longer, and with more faults. */
describe('consistency of four processes', () => {
  const SECONDS = 3;
  const SEED = 1;
  /**
   * Ten times what the long run allows: messages are as late as the machine is busy, and here other tests have just run.
   * The textbook cache is another ten times above it.
   */
  const BUSY_PPM = 1_000;
  let arena: Arena;

  before(async () => {
    arena = await Arena.open(4);
  });

  after(() => arena.close());

  function faultNamed(name: string): Fault {
    return FAULTS.find((fault) => fault.name === name)!;
  }

  function limitsOf({ limits }: Fault): Limits {
    return limits.stalePpm === 0 ? limits : { ...limits, stalePpm: BUSY_PPM };
  }

  function trial(name: string, cache: CacheName = 'tiercel'): Promise<TrialResult> {
    return runTrial(arena, faultNamed(name), { cache, seconds: SECONDS, seed: SEED });
  }

  it('is lost by a textbook cache even without a fault: the checker can fail', async () => {
    const broken = brokenPromises(await trial('none', 'textbook'), limitsOf(faultNamed('none')));
    expect(broken).to.include(`more than ${BUSY_PPM} ppm of stale reads`);
  });

  it('is lost by a textbook cache without L1 too, to loads that an invalidation has overtaken', async () => {
    const broken = brokenPromises(await trial('l1-off', 'textbook'), limitsOf(faultNamed('l1-off')));
    expect(broken).to.include('more than 0 ppm of stale reads');
  });

  it('is lost if writers that are killed before they invalidate do not write `around`', async () => {
    const fault = killedWriters('invalidate');
    const result = await runTrial(arena, fault, { cache: 'tiercel', seconds: SECONDS, seed: SEED });
    expect(brokenPromises(result, limitsOf(fault))).to.include.members([
      'a stale read older than 500 ms',
      'keys that stay stale',
    ]);
  });

  const promises = {
    none: 'holds while nothing is wrong',
    'l1-off': 'is exact without L1',
    'kill-pubsub': 'outlives the loss of the subscription, again and again',
    flush: 'outlives FLUSHALL',
    'pause-redis': 'outlives a Redis that stands still',
    'killed-writers': 'outlives writers that are killed inside `around` (P24)',
  };
  for (const [name, title] of Object.entries(promises)) {
    it(title, async () => {
      const fault = faultNamed(name);
      const result = await trial(name);
      const broken = brokenPromises(result, limitsOf(fault));
      expect(broken, `\n${HEADING}\n${rowOf(name, result)}\n`).to.deep.equal([]);
      if (fault.blow !== undefined) expect(result.blows, 'blows').to.be.greaterThan(0);
    });
  }
});
