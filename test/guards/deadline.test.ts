import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { type Awaited, Deadline } from '../../src/guards/deadline';
import { ManualClock } from '../support/manual-clock';

class Command implements Awaited {
  settled = false;
  expired = 0;
  evidence: boolean | undefined;

  expire(isEvidence: boolean): void {
    this.expired += 1;
    this.evidence = isEvidence;
  }
}

// Captured at load, as the code under test does: one test here takes the globals away.
const { setImmediate } = globalThis;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Deadline', () => {
  let clock: ManualClock;
  let deadline: Deadline;
  let received: number;
  let leavingMs: number;

  beforeEach(() => {
    clock = new ManualClock();
    received = 0;
    leavingMs = 0;
    deadline = new Deadline(clock, 50, () => ({ received, leavingMs }));
  });

  /** Time passes, and with each step of it bytes arrive. */
  async function arriving(bytesPerMs: number, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      received += 10 * bytesPerMs;
      clock.advance(10);
      await turn();
    }
  }

  it('P36: expires a command exactly when its time is over, once', async () => {
    const command = new Command();
    deadline.watch([command]);
    clock.advance(49);
    await turn();
    expect(command.expired).to.equal(0);
    clock.advance(1);
    await turn();
    clock.advance(1_000);
    await turn();
    expect([command.expired, command.settled]).to.deep.equal([1, true]);
  });

  it('P36: gives the poll phase one turn: a reply that is read in it is in time', async () => {
    const command = new Command();
    deadline.watch([command]);
    clock.advance(50);
    expect(command.expired).to.equal(0);
    command.settled = true;
    await turn();
    expect(command.expired).to.equal(0);
  });

  it('P36: a command that is late says something about the server, but not where the event loop stood still', async () => {
    const [late, stalled] = [new Command(), new Command()];
    deadline.watch([late]);
    clock.advance(50);
    await turn();
    deadline.watch([stalled]);
    clock.stall(85);
    await turn();
    expect([late.evidence, stalled.evidence]).to.deep.equal([true, false]);
  });

  it('P36: waits for the rest of a batch while replies to it arrive, and expires what is left one deadline later', async () => {
    const [first, second, late] = [new Command(), new Command(), new Command()];
    deadline.watch([first, second, late]);
    for (const command of [first, second]) {
      command.settled = true;
      clock.advance(50);
      await turn();
      expect(late.expired).to.equal(0);
    }
    clock.advance(50);
    await turn();
    expect([first.expired, second.expired, late.expired]).to.deep.equal([0, 0, 1]);
  });

  it('runs one timer for all batches, each with a time of its own, and none when nothing is left', async () => {
    const [first, second] = [new Command(), new Command()];
    deadline.watch([first]);
    clock.advance(20);
    deadline.watch([second]);
    expect(clock.pending).to.equal(1);
    clock.advance(30);
    await turn();
    expect([first.expired, second.expired]).to.deep.equal([1, 0]);
    clock.advance(19);
    await turn();
    expect(second.expired).to.equal(0);
    clock.advance(1);
    await turn();
    expect(second.expired).to.equal(1);
    expect(clock.pending).to.equal(0);
  });

  it('a batch that came due while the loop stood still is not expired by the turn given to an earlier one', async () => {
    const [first, second] = [new Command(), new Command()];
    deadline.watch([first]);
    clock.advance(10);
    deadline.watch([second]);
    clock.advance(40);
    // The turn is given now; the second batch comes due before it is over.
    clock.advance(10);
    await turn();
    expect([first.expired, second.expired]).to.deep.equal([1, 0]);
    clock.advance(1);
    await turn();
    expect(second.expired).to.equal(1);
  });

  it('P36: waits for a large reply as long as its bytes arrive, and for what was asked behind it', async () => {
    const [large, behind] = [new Command(), new Command()];
    deadline.watch([large]);
    clock.advance(20);
    deadline.watch([behind]);
    await arriving(12_500, 400);
    expect([large.expired, behind.expired]).to.deep.equal([0, 0]);
    large.settled = true;
    behind.settled = true;
    clock.advance(100);
    await turn();
    expect([large.expired, behind.expired, clock.pending]).to.deep.equal([0, 0, 0]);
  });

  it('P36: a large reply that stops arriving is late one deadline later', async () => {
    const command = new Command();
    deadline.watch([command]);
    await arriving(12_500, 200);
    clock.advance(50);
    await turn();
    clock.advance(50);
    await turn();
    expect([command.expired, command.evidence]).to.deep.equal([1, true]);
  });

  it('P36: small replies of a slow server are not progress: nobody waits for it any longer', async () => {
    const command = new Command();
    deadline.watch([command]);
    await arriving(10, 60);
    clock.advance(50);
    await turn();
    expect(command.expired).to.equal(1);
  });

  it('P36: gives what is sent its time to leave, and what is sent later no more than its own', async () => {
    const [large, next] = [new Command(), new Command()];
    leavingMs = 300;
    deadline.watch([large]);
    clock.advance(300);
    await turn();
    expect(large.expired).to.equal(0);
    large.settled = true;
    leavingMs = 0;
    deadline.watch([next]);
    clock.advance(100);
    await turn();
    expect(next.expired).to.equal(1);
  });

  it('P42: close expires everything at once, so that nobody waits for an answer, and leaves no timer', () => {
    const command = new Command();
    deadline.watch([command]);
    deadline.close();
    expect([command.expired, clock.pending]).to.deep.equal([1, 0]);
  });

  it('P42: close in the turn between timer and judgement expires once', async () => {
    const command = new Command();
    deadline.watch([command]);
    clock.advance(50);
    deadline.close();
    await turn();
    expect([command.expired, clock.pending]).to.deep.equal([1, 0]);
  });

  it('P42: fake timers of a test do not stop it', async () => {
    const fake = useFakeTimers();
    try {
      const command = new Command();
      deadline.watch([command]);
      clock.advance(50);
      await turn();
      expect(command.expired).to.equal(1);
    } finally {
      fake.restore();
    }
  });
});
