import { expect } from 'chai';
import { Arena } from './arena';
import { FAULTS } from './faults';
import { brokenPromises, ppm } from './limits';
import { HEADING, rowOf } from './table';
import { runTrial, type TrialResult } from './trial';
import type { CacheName } from './workload';

/** A short look at what `npm run consistency` looks at for longer, and with more faults. */
describe('consistency of four processes', function () {
  // Each trial runs for some seconds by design, and starting the processes compiles the sources four times.
  this.timeout(60_000);
  const SECONDS = 3;
  const SEED = 1;
  let arena: Arena;

  before(async () => {
    arena = await Arena.open(4);
  });

  after(() => arena.close());

  async function trial(name: string, cache: CacheName = 'tiercel'): Promise<TrialResult> {
    const fault = FAULTS.find((one) => one.name === name)!;
    return runTrial(arena, fault, { cache, seconds: SECONDS, seed: SEED });
  }

  it('is lost by a textbook cache even without a fault: the checker can fail', async () => {
    const result = await trial('none', 'textbook');
    expect(ppm(result), 'stale reads per million').to.be.greaterThan(1_000);
  });

  const promises = {
    none: 'holds while nothing is wrong',
    'l1-off': 'is exact without L1',
    'kill-pubsub': 'outlives the loss of the subscription, again and again',
    flush: 'outlives FLUSHALL',
    'pause-redis': 'outlives a Redis that stands still',
  };
  for (const [name, title] of Object.entries(promises)) {
    it(title, async () => {
      const result = await trial(name);
      const fault = FAULTS.find((one) => one.name === name)!;
      expect(brokenPromises(result, fault.limits), `${HEADING}\n${rowOf(name, result)}`).to.deep.equal([]);
      if (fault.blow !== undefined) expect(result.blows, 'blows').to.be.greaterThan(0);
    });
  }
});
