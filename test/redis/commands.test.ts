import { expect } from 'chai';
import { Order } from '../../src/contract/order';
import { Commands, type Evidence } from '../../src/redis/commands';
import { ManualClock } from '../support/manual-clock';

describe('Commands', () => {
  let steps: string[];
  let evidence: string[];
  let clock: ManualClock;
  let commands: Commands;

  beforeEach(() => {
    steps = [];
    clock = new ManualClock();
    const stream = { cork: () => steps.push('cork'), uncork: () => steps.push('uncork') };
    evidence = [];
    const told: Evidence = {
      succeeded: () => evidence.push('succeeded'),
      failed: () => evidence.push('failed'),
      refused: ({ message }) => evidence.push(message),
    };
    commands = new Commands({ stream } as never, new Order(), clock, 50, told);
  });

  afterEach(() => commands.close());

  const send = (name: string): Promise<string> => {
    const batch = commands.open();
    steps.push(name);
    return commands.ask(
      batch,
      Promise.resolve(name),
      (reply) => String(reply),
      (error) => error.message,
    );
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('write the commands of one turn at once: the socket is corked before the first and uncorked after the last', async () => {
    // Whether a turn will have more than one command is judged by the turn before.
    await Promise.all([send('a'), send('b')]);
    await turn();
    steps.length = 0;
    await Promise.all([send('c'), send('d'), send('e')]);
    await turn();
    expect(steps).to.deep.equal(['cork', 'c', 'd', 'e', 'uncork']);
  });

  it('leave every socket as many times uncorked as corked, whatever the turns bring', async () => {
    for (const size of [1, 3, 1, 2, 2, 1, 5]) {
      await Promise.all(Array.from({ length: size }, (_, i) => send(`${i}`)));
      await turn();
      const count = (step: string) => steps.filter((other) => other === step).length;
      expect(count('cork')).to.equal(count('uncork'));
    }
    expect(steps).to.include('cork');
  });

  it('P14: number what they send no later than the turn, and each turn after the one before', async () => {
    const numbers: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const batch = commands.open();
      const asked = [1, 2].map(() =>
        commands.ask(
          batch,
          turn(),
          (_reply, sentAt) => sentAt,
          () => -1,
        ),
      );
      const [first, second] = await Promise.all(asked);
      expect(second).to.equal(first);
      numbers.push(first as number);
    }
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).to.equal(4);
    expect(Math.min(...numbers)).to.be.greaterThan(0);
  });

  /** The end of a command that the test answers, or leaves to its deadline. */
  const ask = (batch = commands.open()) => {
    let reply: (value: unknown) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const command = new Promise((resolve, reject) => {
      reply = resolve;
      fail = reject;
    });
    const ended = commands.ask(
      batch,
      command,
      () => 'answered',
      (error) => error.message,
    );
    return { reply, fail, ended };
  };
  const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

  it('P36: what a turn asked and nobody answered is one failure, however many commands it was', async () => {
    const batch = commands.open();
    const asked = [ask(batch), ask(batch), ask(batch)];
    await turn();
    clock.advance(50);
    await Promise.all(asked.map(({ ended }) => ended));
    expect(evidence).to.deep.equal(['failed']);
  });

  for (const message of [
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'CLUSTERDOWN The cluster is down',
    'MASTERDOWN Link with MASTER is down',
  ]) {
    it(`P36: a server that answers ${message.split(' ')[0]} cannot serve: a failure`, async () => {
      const { fail, ended } = ask();
      fail(replyError(message));
      await ended;
      expect(evidence).to.deep.equal(['failed', message]);
    });
  }

  for (const message of [
    "OOM command not allowed when used memory > 'maxmemory'.",
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'NOSCRIPT No matching script.',
  ]) {
    it(`P36: ${message.split(' ')[0]} is an answer of a server that is well`, async () => {
      const { fail, ended } = ask();
      fail(replyError(message));
      await ended;
      expect(evidence).to.deep.equal(['succeeded', message]);
    });
  }

  it('P36: a connection that ends says nothing beyond that', async () => {
    const { fail, ended } = ask();
    fail(new Error('Connection is closed.'));
    await ended;
    expect(evidence).to.deep.equal([]);
  });

  it('P36: a command without a reply ends with its deadline, and its reply is reported when it comes after all', async () => {
    let reply: (value: unknown) => void = () => {};
    const afterwards: boolean[] = [];
    const asked = commands.ask(
      commands.open(),
      new Promise((resolve) => {
        reply = resolve;
      }),
      () => 'answered',
      (error) => error.message,
      (replied) => afterwards.push(replied),
    );
    await turn();
    clock.advance(50);
    expect(await asked).to.equal('no reply within 50 ms');
    reply(null);
    await turn();
    expect(afterwards).to.deep.equal([true]);
  });
});
