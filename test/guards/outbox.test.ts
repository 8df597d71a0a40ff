import { expect } from 'chai';
import { Outbox } from '../../src/guards/outbox';
import { ManualClock } from '../support/manual-clock';

/** A receiver that the test answers: each send waits in `pending` until then. */
class Receiver {
  readonly pending: { readonly name: string; readonly answer: (delivered: boolean) => void }[] = [];
  sent = 0;

  readonly send = (names: readonly string[]): Promise<boolean[]> =>
    Promise.all(
      names.map((name) => {
        this.sent += 1;
        return new Promise<boolean>((resolve) => this.pending.push({ name, answer: resolve }));
      }),
    );

  async answer(delivered: boolean): Promise<void> {
    for (const { answer } of this.pending.splice(0)) answer(delivered);
    await settled();
  }
}

/** Everything that promises still have to do before the next turn of the event loop. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const BOUND = { limit: 3, instead: 'everything', nodeOf: () => undefined };

describe('Outbox', () => {
  let clock: ManualClock;
  let receiver: Receiver;
  let outbox: Outbox;

  beforeEach(() => {
    clock = new ManualClock();
    receiver = new Receiver();
    outbox = new Outbox(clock, { ...BOUND, send: receiver.send });
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

  it('P38: sends again at growing intervals, 50 ms to 1 s, until the name is delivered; then sets no timer', async () => {
    outbox.add('a');
    const intervals: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      let waited = 0;
      while (receiver.pending.length === 0) {
        clock.advance(1);
        waited += 1;
      }
      intervals.push(waited);
      await receiver.answer(false);
    }
    expect(intervals).to.deep.equal([50, 100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]);
    clock.advance(1_000);
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

  it('P37, P38: a node that returns while a replay runs is sent its names again: that replay found it away', async () => {
    outbox.add('a');
    const first = outbox.replay();
    const [second, third] = [outbox.replay(), outbox.replay()];
    expect(receiver.sent).to.equal(1);
    await receiver.answer(false);
    await first;
    expect([receiver.sent, third]).to.deep.equal([2, second]);
    await receiver.answer(true);
    await second;
    expect(outbox.size).to.equal(0);
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
    for (const names of [
      ['a', 'refused', 'b'],
      ['refused', 'a', 'b'],
    ]) {
      const refusing = new Outbox(clock, {
        ...BOUND,
        send: async (sent) => sent.map((name) => name !== 'refused'),
      });
      for (const name of names) refusing.add(name);
      await refusing.replay();
      await refusing.replay();
      expect(names.filter((name) => refusing.has(name))).to.deep.equal(['refused']);
    }
  });

  it('P38: a server that refuses writes is sent one name at a time, not all: an idle process must not flood it', async () => {
    const limited = new Outbox(clock, { ...BOUND, limit: 10_000, send: receiver.send });
    for (let i = 0; i < 10_000; i += 1) limited.add(`k${i}`);
    for (let i = 0; i < 5; i += 1) {
      clock.advance(1_000);
      expect(receiver.pending.length).to.equal(1);
      await receiver.answer(false);
    }
    expect([receiver.sent, limited.size]).to.deep.equal([5, 10_000]);
    limited.close();
  });

  it('P38: when the server accepts one name, all others follow in batches: the control', async () => {
    const sizes: number[] = [];
    const limited = new Outbox(clock, {
      ...BOUND,
      limit: 10_000,
      send: async (names) => {
        sizes.push(names.length);
        return names.map(() => true);
      },
    });
    for (let i = 0; i < 600; i += 1) limited.add(`k${i}`);
    await limited.replay();
    expect(sizes).to.deep.equal([1, 256, 256, 87]);
    expect([limited.size, clock.pending]).to.deep.equal([0, 0]);
  });

  it('P38: a node that refuses writes does not keep the names of another node', async () => {
    const split = new Outbox(clock, {
      ...BOUND,
      nodeOf: (name) => name[0],
      send: async (names) => names.map((name) => name.startsWith('b')),
    });
    for (const name of ['a1', 'b1', 'b2']) split.add(name);
    await split.replay();
    expect(['a1', 'b1', 'b2'].map((name) => split.has(name))).to.deep.equal([true, false, false]);
    split.close();
  });

  it('P38: a write that the server accepts brings the next attempt forward', async () => {
    outbox.add('a');
    for (let i = 0; i < 8; i += 1) {
      clock.advance(1_000);
      await receiver.answer(false);
    }
    clock.advance(50);
    expect(receiver.pending).to.deep.equal([]);
    outbox.accepted('x');
    clock.advance(50);
    expect(receiver.pending.map(({ name }) => name)).to.deep.equal(['a']);
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

    it('P38: is false at once if the server has accepted nothing for longer than the budget: no call waits in vain', async () => {
      outbox.add('a');
      clock.advance(101);
      await receiver.answer(false);
      outbox.add('b');
      expect(await outbox.waitFor(['b'], 100)).to.equal(false);
      const patient = outbox.waitFor(['b'], 1_000);
      expect(outbox.waiting, 'within a longer budget it waits: the control').to.equal(1);
      clock.advance(1_000);
      expect(await patient).to.equal(false);
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
