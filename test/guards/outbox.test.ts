import { expect } from 'chai';
import { Outbox } from '../../src/guards/outbox';
import { ManualClock } from '../support/manual-clock';

/** A receiver that the test answers: each send waits in `pending` until then. */
class Receiver {
  readonly pending: { readonly name: string; readonly answer: (delivered: boolean) => void }[] = [];
  sent = 0;

  readonly send = (name: string): Promise<boolean> => {
    this.sent += 1;
    return new Promise((resolve) => this.pending.push({ name, answer: resolve }));
  };

  async answer(delivered: boolean): Promise<void> {
    for (const { answer } of this.pending.splice(0)) answer(delivered);
    await settled();
  }
}

/** Everything that promises still have to do before the next turn of the event loop. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const BOUND = { limit: 3, instead: 'everything' };

describe('Outbox', () => {
  let clock: ManualClock;
  let receiver: Receiver;
  let outbox: Outbox;

  beforeEach(() => {
    clock = new ManualClock();
    receiver = new Receiver();
    outbox = new Outbox(clock, receiver.send, BOUND);
  });

  it('P38: beyond its limit it keeps one name for everything, and who asks for the others waits for that', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'a']) outbox.add(name);
    expect(outbox.size).to.equal(4);
    expect(['a', 'd', 'everything'].map((name) => outbox.has(name))).to.deep.equal([true, false, true]);
    const waiting = outbox.waitFor(['d'], 100);
    clock.advance(100);
    expect(await waiting).to.equal(false);
  });

  it('P38: keeps a name once, however often it is added, and knows it by name only', () => {
    outbox.add('a');
    outbox.add('a');
    outbox.add('b');
    expect(outbox.size).to.equal(2);
    expect([outbox.has('a'), outbox.has('c')]).to.deep.equal([true, false]);
  });

  it('P38: sends again at growing intervals, 50 to 400 ms, until the name is delivered; then sets no timer', async () => {
    outbox.add('a');
    const intervals: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      let waited = 0;
      while (receiver.pending.length === 0) {
        clock.advance(1);
        waited += 1;
      }
      intervals.push(waited);
      await receiver.answer(false);
    }
    expect(intervals).to.deep.equal([50, 100, 200, 400, 400, 400]);
    clock.advance(400);
    await receiver.answer(true);
    expect([outbox.size, clock.pending]).to.deep.equal([0, 0]);
    outbox.add('b');
    clock.advance(50);
    expect(receiver.pending.map(({ name }) => name)).to.deep.equal(['b']);
  });

  it('P38: the last add wins: a delivery that was sent before it does not settle it', async () => {
    outbox.add('a');
    const replaying = outbox.replay();
    outbox.add('a');
    await receiver.answer(true);
    await replaying;
    expect(outbox.has('a')).to.equal(true);
    clock.advance(400);
    await receiver.answer(true);
    expect(outbox.has('a')).to.equal(false);
  });

  it('P37: one replay runs at a time, and who asks meanwhile gets that one', async () => {
    outbox.add('a');
    const [first, second] = [outbox.replay(), outbox.replay()];
    expect(second).to.equal(first);
    expect(receiver.sent).to.equal(1);
    await receiver.answer(true);
    await first;
  });

  it('a name that is added while a replay runs is sent afterwards', async () => {
    outbox.add('a');
    const replaying = outbox.replay();
    outbox.add('b');
    await receiver.answer(true);
    await replaying;
    expect(outbox.has('b')).to.equal(true);
    clock.advance(50);
    await receiver.answer(true);
    expect(outbox.size).to.equal(0);
  });

  it('one name that fails does not keep the others', async () => {
    const refusing = new Outbox(clock, async (name) => name !== 'refused', BOUND);
    for (const name of ['a', 'refused', 'b']) refusing.add(name);
    await refusing.replay();
    expect([refusing.has('a'), refusing.has('refused'), refusing.has('b')]).to.deep.equal([
      false,
      true,
      false,
    ]);
  });

  it('P42: waits with timers that do not keep a process alive', () => {
    outbox.add('a');
    expect([clock.pending, clock.holding]).to.deep.equal([1, 0]);
  });

  describe('waitFor', () => {
    it('is true at once for what is not here', async () => {
      expect(await outbox.waitFor(['a'], 1_000)).to.equal(true);
      expect(clock.pending).to.equal(0);
    });

    it('is true when all names are delivered, not before, and clears its timer', async () => {
      outbox.add('a');
      let done: boolean | undefined;
      void outbox.waitFor(['a', 'a'], 1_000).then((result) => {
        done = result;
      });
      outbox.add('b');
      const both = outbox.waitFor(['a', 'b'], 1_000);
      void outbox.replay();
      receiver.pending.find(({ name }) => name === 'a')?.answer(true);
      await settled();
      expect(done).to.equal(true);
      const early = await Promise.race([both, settled().then(() => 'waiting')]);
      expect(early).to.equal('waiting');
      await receiver.answer(true);
      expect(await both).to.equal(true);
      expect(clock.pending).to.equal(0);
    });

    it('is false when the budget is over, to the millisecond, and what it waited for stays queued', async () => {
      outbox.add('a');
      let done: boolean | undefined;
      void outbox.waitFor(['a'], 30).then((result) => {
        done = result;
      });
      clock.advance(29);
      await settled();
      expect(done).to.equal(undefined);
      clock.advance(1);
      await settled();
      expect(done).to.equal(false);
      expect(outbox.has('a')).to.equal(true);
    });

    it('forgets those who have waited in vain: a thousand calls while Redis is away leave nothing behind', async () => {
      outbox.add('a');
      const calls = Array.from({ length: 1_000 }, () => outbox.waitFor(['a'], 10));
      expect(outbox.waiting).to.equal(1_000);
      clock.advance(10);
      expect(new Set(await Promise.all(calls))).to.deep.equal(new Set([false]));
      expect(outbox.waiting).to.equal(0);
    });
  });

  describe('close', () => {
    it('P42: leaves no timer, sends nothing more, and tells who waits that it was in vain', async () => {
      outbox.add('a');
      const waiting = outbox.waitFor(['a'], 1_000);
      outbox.close();
      expect(await waiting).to.equal(false);
      expect(clock.pending).to.equal(0);
      outbox.add('b');
      expect(await outbox.waitFor(['b'], 1_000)).to.equal(false);
      expect([receiver.sent, clock.pending]).to.deep.equal([0, 0]);
    });

    it('P42: during a replay: its end sets no new timer', async () => {
      outbox.add('a');
      const replaying = outbox.replay();
      outbox.close();
      await receiver.answer(false);
      await replaying;
      expect(clock.pending).to.equal(0);
    });
  });
});
