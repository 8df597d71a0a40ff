/**
 * Thousands of schedules of three processes over a simulated Redis. A failure prints its seed, its path and the
 * schedule; `MODEL_SEED=.. MODEL_PATH=..` repeats it, and `MODEL_RUNS` sets the number of schedules.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { Flight } from '../../src/engine/read/flight';
import { ChangeCount } from '../../src/engine/validity/change-count';
import { Fences } from '../../src/engine/validity/fences';
import { Groups } from '../../src/engine/validity/groups';
import { Outbox } from '../../src/guards/outbox';
import type { Sabotage } from '../../src/testing/simulated-redis';
import { type Script, SIMULATED_SCRIPTS } from '../../src/testing/simulated-scripts';
import { ALL_FAULTS, lanes, type Mix } from './operations';
import { type Tally, World } from './world';

const { MODEL_SEED, MODEL_PATH, MODEL_RUNS } = process.env;
const RUNS = 1_000;
/** Each of the controls is convicted within some hundred at most. */
const RUNS_OF_CONTROL = 5_000;
/** What a control has to find, it finds in every run of the tests, and soon. */
const SEED_OF_CONTROL = 5;

const exceptEpoch =
  (script: Script): Script =>
  (redis, key, args) =>
    key.endsWith(':<tags') ? 1 : script(redis, key, args);

/** The epoch is left alone, whoever changes something. */
const EPOCH_STAYS: Sabotage = {
  scripts: {
    tiercelRemoveGeneration: exceptEpoch(SIMULATED_SCRIPTS.tiercelRemoveGeneration),
    tiercelBeginWrite: exceptEpoch(SIMULATED_SCRIPTS.tiercelBeginWrite),
    tiercelEndWrite: exceptEpoch(SIMULATED_SCRIPTS.tiercelEndWrite),
  },
};

/** A generation that is to be replaced stays. */
const LOSS_INVALIDATES_NOTHING: Sabotage = {
  scripts: { tiercelRestampGeneration: (_redis, _key, [generation = '']) => generation },
};

function property(
  mix: Mix,
  { sabotage, tallied }: { sabotage?: Sabotage; tallied?: (tally: Tally) => void },
) {
  return fc.asyncProperty(lanes(mix), fc.scheduler(), async (lanesOfRun, scheduler) => {
    const world = new World(sabotage);
    try {
      await world.run(lanesOfRun, scheduler);
      tallied?.(world.tally);
    } finally {
      await world.close();
    }
    expect(world.reproaches.join('\n')).to.equal('');
  });
}

describe('interleavings of three processes', () => {
  const { random } = Math;

  before(() => {
    // Jitter must not make a schedule unrepeatable.
    Math.random = () => 0.5;
  });

  after(() => {
    Math.random = random;
  });

  afterEach(() => sinon.restore());

  async function holds(mix: Mix): Promise<Tally> {
    const tallies: Tally[] = [];
    await fc.assert(property(mix, { tallied: (tally) => tallies.push(tally) }), {
      numRuns: MODEL_RUNS === undefined ? RUNS : Number(MODEL_RUNS),
      ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
      ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    });
    return totalOf(tallies);
  }

  it('return, in any order of steps, nothing older than what a read had to know, and end with the newest everywhere', async () => {
    const { unacknowledged, ...happened } = await holds({});
    expect(unacknowledged).to.equal(0);
    for (const [what, count] of Object.entries(happened)) expect(count, what).to.be.greaterThan(0);
  });

  it('do so too while connections break, messages hang, Redis restarts, refuses writes, forgets and evicts, and time passes', async () => {
    for (const [what, count] of Object.entries(await holds({ faults: ALL_FAULTS }))) {
      expect(count, what).to.be.greaterThan(0);
    }
  });

  describe('convict', () => {
    async function convicts(mix: Mix, sabotage: Sabotage = {}): Promise<void> {
      const { failed } = await fc.check(property(mix, { sabotage }), {
        numRuns: RUNS_OF_CONTROL,
        endOnFailure: true,
        seed: SEED_OF_CONTROL,
      });
      expect(failed).to.equal(true);
    }

    it('P13: a fill that stores whatever stands at the key', () =>
      convicts(
        { kinds: ['delete'] },
        {
          scripts: {
            tiercelFill(redis, key, [, entry = '', ms]) {
              redis.put(key, entry, Number(ms));
              return 1;
            },
          },
        },
      ));

    it('P21: an invalidation that leaves leases alone', () =>
      convicts(
        { kinds: ['delete'] },
        {
          scripts: {
            tiercelInvalidate: (redis, key, args) =>
              redis.get(key)?.startsWith('L') === true
                ? 1
                : SIMULATED_SCRIPTS.tiercelInvalidate(redis, key, args),
          },
        },
      ));

    it('P22: a put that stores whatever has happened meanwhile', () =>
      convicts(
        { kinds: ['put'] },
        {
          scripts: {
            tiercelCommitPut(redis, key, [, , entry = '', ms]) {
              redis.put(key, entry, Number(ms));
              return 1;
            },
          },
        },
      ));

    it('P22: a put that creates, if changes of its key leave the epoch alone', () =>
      convicts({ kinds: ['create', 'pattern'] }, EPOCH_STAYS));

    it('P9: an invalidation by tag that leaves the epoch alone', () =>
      convicts({ kinds: ['tag'] }, EPOCH_STAYS));

    it('P16: callers that load instead of waiting for a load of their process', () => {
      sinon.replace(Flight.prototype, 'join', function (this: Flight<unknown>) {
        this.abandoned = true;
        return Promise.resolve({ kind: 'abandoned' as const });
      });
      return convicts({ kinds: ['delete'] });
    });

    it('P40: a restart that nobody can see', () =>
      convicts({ kinds: ['delete'], faults: ['restart'] }, { hidesRestarts: true }));

    it('P30: fences that stay clean whatever is heard', () => {
      sinon.replace(Fences.prototype, 'heard', () => undefined);
      return convicts({ kinds: ['delete'] });
    });

    it('P28: copies of own entries that enter L1 whatever was heard while they were read', () => {
      const { open } = Fences.prototype;
      sinon.replace(Fences.prototype, 'open', function (this: Fences, key: string, isQuiet = false) {
        const fence = open.call(this, key, isQuiet);
        return isQuiet
          ? Object.defineProperty(fence, 'dirty', { get: () => false, set: () => undefined })
          : fence;
      });
      return convicts({ kinds: ['put'] });
    });

    it('P33: generations that stay known whatever is heard', () => {
      sinon.replace(Groups.prototype, 'forget', () => undefined);
      return convicts({ kinds: ['pattern'] });
    });

    it('P33: changes that do not raise the count that copies in L1 were compared at', () => {
      sinon.replace(ChangeCount.prototype, 'raise', () => undefined);
      return convicts({ kinds: ['pattern'] });
    });

    it('P7: a lost pattern set that is added again as if it had never been', () =>
      convicts({ kinds: ['pattern'], faults: ['lose patterns'] }, LOSS_INVALIDATES_NOTHING));

    it('P38: invalidations that are forgotten when they cannot be delivered', () => {
      sinon.replace(Outbox.prototype, 'add', () => undefined);
      return convicts({ kinds: ['delete'], faults: ['cut', 'pass'] });
    });
  });
});

function totalOf(tallies: readonly Tally[]): Tally {
  const total: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [what, count] of Object.entries(tally)) total[what] = (total[what] ?? 0) + count;
  }
  return total as unknown as Tally;
}
