import { expect } from 'chai';
import { Breaker } from '../../src/guards/breaker';
import { ManualClock } from '../support/manual-clock';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Breaker', () => {
  let clock: ManualClock;
  let states: string[];
  /** Probes that are out; the test answers them. */
  let probes: ((isWell: boolean) => void)[];
  let breaker: Breaker;

  beforeEach(() => {
    clock = new ManualClock();
    states = [];
    probes = [];
    breaker = new Breaker(clock, {
      probe: () => new Promise((resolve) => probes.push(resolve)),
      onChange: ({ kind }) => states.push(kind),
    });
  });

  afterEach(() => breaker.close());

  const failTimes = (times: number) => {
    for (let i = 0; i < times; i += 1) breaker.failed();
  };
  const answer = async (isWell: boolean) => {
    probes.shift()?.(isWell);
    await settled();
  };

  it('P37: opens with the third failure in a row', () => {
    failTimes(2);
    expect(states).to.deep.equal([]);
    failTimes(1);
    expect(states).to.deep.equal(['open']);
  });

  it('P37: an answer between them begins the count anew (control)', () => {
    failTimes(2);
    breaker.succeeded();
    failTimes(2);
    expect(breaker.state.kind).to.equal('closed');
  });

  it('P37: is tried after 50 ms, then after twice as long each time, at most 400 ms', async () => {
    failTimes(3);
    const waits: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      let ms = 0;
      while (probes.length === 0) {
        clock.advance(1);
        ms += 1;
      }
      waits.push(ms);
      await answer(false);
    }
    expect(waits).to.deep.equal([50, 100, 200, 400, 400, 400]);
  });

  it('P37: closes when the probe has ended well, not before, and begins with 50 ms again', async () => {
    failTimes(3);
    clock.advance(50);
    await answer(false);
    clock.advance(100);
    expect(breaker.state.kind).to.equal('half-open');
    await answer(true);
    expect(states).to.deep.equal(['open', 'half-open', 'open', 'half-open', 'closed']);
    failTimes(3);
    clock.advance(50);
    expect(breaker.state.kind).to.equal('half-open');
  });

  it('P37: sends one probe at a time', () => {
    failTimes(3);
    clock.advance(5_000);
    expect(probes).to.have.lengthOf(1);
  });

  it('P37: a failure while it is half-open opens it again, whatever the probe says afterwards', async () => {
    failTimes(3);
    clock.advance(50);
    breaker.failed();
    await answer(true);
    expect(states).to.deep.equal(['open', 'half-open', 'open']);
  });

  it('P37: late failures of what was sent before it opened change nothing', () => {
    failTimes(30);
    clock.advance(50);
    expect(states).to.deep.equal(['open', 'half-open']);
  });

  it('P38: knows for how long the node has been away, through probes that fail', async () => {
    expect(breaker.awayMs()).to.equal(0);
    failTimes(3);
    clock.advance(50);
    await answer(false);
    clock.advance(70);
    expect(breaker.awayMs()).to.equal(120);
    clock.advance(30);
    await answer(true);
    expect(breaker.awayMs()).to.equal(0);
  });

  it('P37: without a connection it is open, and waits to be told of the next one instead of probing', async () => {
    breaker.trip();
    clock.advance(5_000);
    expect([probes.length, clock.pending]).to.deep.equal([0, 0]);
    const attempt = breaker.attempt();
    await answer(true);
    await attempt;
    expect(states).to.deep.equal(['open', 'half-open', 'closed']);
  });

  it('P37: a connection that is lost during a probe opens it, whatever the probe says afterwards', async () => {
    breaker.trip();
    const attempt = breaker.attempt();
    breaker.trip();
    await answer(true);
    await attempt;
    expect(states).to.deep.equal(['open', 'half-open', 'open']);
  });

  it('P42: waits with a timer that does not keep a process alive, and with none once it is closed', () => {
    failTimes(3);
    expect([clock.pending, clock.holding]).to.deep.equal([1, 0]);
    breaker.close();
    expect(clock.pending).to.equal(0);
  });
});
