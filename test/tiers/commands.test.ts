import { expect } from 'chai';
import { Order } from '../../src/contract/order';
import { Commands } from '../../src/tiers/commands';
import { ManualClock } from '../support/manual-clock';

describe('Commands', () => {
  let steps: string[];
  let clock: ManualClock;
  let commands: Commands;

  beforeEach(() => {
    steps = [];
    clock = new ManualClock();
    const stream = { cork: () => steps.push('cork'), uncork: () => steps.push('uncork') };
    commands = new Commands({ stream } as never, new Order(), clock, 50);
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
