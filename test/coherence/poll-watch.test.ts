import { expect } from 'chai';
import { PollWatch } from '../../src/coherence/poll-watch';
import { Proofs } from '../../src/coherence/proofs';
import type { Clock } from '../../src/contract/clock';
import { Trust } from '../../src/engine/validity/trust';

/** Time that only the test moves; `fire` ends the one timer that is set. */
class HandClock implements Clock {
  time = 0;
  readonly delays: number[] = [];
  #callback: (() => void) | undefined;

  fire(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }

  get armed(): boolean {
    return this.#callback !== undefined;
  }

  now = () => this.time;
  wall = () => this.time;
  setTimeout = (callback: () => void, ms: number) => {
    this.delays.push(ms);
    this.#callback = callback;
    return {};
  };
  clearTimeout = () => {
    this.#callback = undefined;
  };
  setInterval = (): never => {
    throw new Error('not used');
  };
  clearInterval = () => undefined;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('PollWatch', () => {
  let clock: HandClock;
  let trust: Trust;
  let watch: PollWatch;

  beforeEach(() => {
    clock = new HandClock();
    trust = new Trust();
    const proofs = new Proofs(100_000, (until) => {
      trust.until = until;
    });
    watch = new PollWatch(clock, proofs, () => trust.usedAt);
    proofs.proven(0);
  });

  afterEach(() => watch.close());

  /** The timer is due `late` ms after its time, and a whole turn of the loop follows. */
  async function look(late = 0): Promise<void> {
    clock.time += clock.delays.at(-1)! + late;
    clock.fire();
    await turn();
  }

  it('P31: a timer alone is no evidence: only the poll phase after it is', async () => {
    clock.time = 300;
    clock.fire();
    expect(trust.holds(300)).to.equal(false);
    await turn();
    expect(trust.holds(300)).to.equal(true);
  });

  it('P31: what is proven is the time of the timer, so that a pause right after it is seen', async () => {
    clock.time = 10;
    clock.fire();
    clock.time = 300;
    await turn();
    expect(trust.holds(300)).to.equal(false);
  });

  it('while L1 is read it looks every 10 ms, and 40 ms without a completed poll phase end trust', async () => {
    for (let at = 0; at < 3_000; at += 10) {
      trust.holds(clock.time);
      await look();
    }
    expect(new Set(clock.delays)).to.deep.equal(new Set([10]));
    expect(trust.holds(clock.time + 39)).to.equal(true);
    expect(trust.holds(clock.time + 40)).to.equal(false);
  });

  it('after a second without a read it looks every 100 ms only, and its limit grows with that', async () => {
    while (clock.delays.at(-1) === 10) await look();
    expect(clock.time).to.be.within(1_000, 1_020);
    await look();
    expect(clock.delays.at(-1)).to.equal(100);
    expect(trust.holds(clock.time + 129)).to.equal(true);
    expect(trust.holds(clock.time + 130)).to.equal(false);
  });

  it('a read makes a resting watch brisk at its next look', async () => {
    while (clock.delays.at(-1) === 10) await look();
    trust.holds(clock.time);
    await look();
    expect(clock.delays.at(-1)).to.equal(10);
    expect(trust.holds(clock.time + 40)).to.equal(false);
  });

  it('P42: once closed it looks no more, not even when it was closed during a look', async () => {
    clock.fire();
    watch.close();
    await turn();
    expect(clock.armed).to.equal(false);
    expect(clock.delays).to.have.lengthOf(1);
  });
});
