import { expect } from 'chai';
import { Order } from '../../src/contract/order';
import { Commands } from '../../src/redis/commands';
import { Reads } from '../../src/redis/reads';
import type { RedisLike } from '../../src/redis/redis-like';
import { slotOf } from '../../src/redis/slots';
import { ManualClock } from '../support/manual-clock';
import { useNodes } from '../support/nodes';
import { RedisServer } from '../support/redis-server';

class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** Answers from `values`. `refusal`: what it answers to each `MGET`. */
class Answering {
  readonly sent: string[] = [];
  readonly values = new Map<string, Buffer>();
  refusal: string | undefined;

  async getBuffer(name: string): Promise<Buffer | null> {
    this.sent.push(`GET ${name}`);
    if (name === 'list')
      throw new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value');
    return this.values.get(name) ?? null;
  }

  async callBuffer(command: string, ...names: string[]): Promise<unknown> {
    this.sent.push(`${command} ${names.join(' ')}`);
    if (this.refusal !== undefined) throw new ReplyError(this.refusal);
    return names.map((name) => this.values.get(name) ?? null);
  }
}

describe('Reads', () => {
  let client: Answering;
  let order: Order;
  let commands: Commands;

  beforeEach(() => {
    client = new Answering();
    order = new Order();
    const evidence = { succeeded: () => undefined, failed: () => undefined, refused: () => undefined };
    commands = new Commands({}, order, new ManualClock(), 50, evidence);
  });

  afterEach(() => commands.close());

  const newReads = (isOneOfMany = false) => new Reads(client as unknown as RedisLike, commands, isOneOfMany);

  const ask = (reads: Reads, ...names: string[]): Promise<{ texts: string[]; sentAt: number }> =>
    new Promise((resolve) => {
      reads.ask(names, (first, others, sentAt) => resolve({ texts: [first, ...others].map(String), sentAt }));
    });

  it('P11: what one turn reads is one MGET, each name once, and everybody is told what he has asked for', async () => {
    const reads = newReads();
    for (const name of ['a', 'b', 'all']) client.values.set(name, Buffer.from(`value of ${name}`));
    const told = await Promise.all([ask(reads, 'a', 'all'), ask(reads, 'b', 'all'), ask(reads, 'c', 'all')]);
    expect(client.sent).to.deep.equal(['MGET a all b c']);
    expect(told.map(({ texts }) => texts)).to.deep.equal([
      ['value of a', 'value of all'],
      ['value of b', 'value of all'],
      ['null', 'value of all'],
    ]);
  });

  it('P11: a lone name is a GET, which tells a value of another type', async () => {
    const { texts } = await ask(newReads(), 'list');
    expect(client.sent).to.deep.equal(['GET list']);
    expect(texts[0]).to.match(/WRONGTYPE/);
  });

  it('P14: the read is sent after the number of every caller of its turn', async () => {
    const reads = newReads();
    commands.open();
    const first = ask(reads, 'a');
    const number = order.next();
    const second = ask(reads, 'b');
    expect((await first).sentAt).to.be.greaterThan(number);
    expect((await second).sentAt).to.equal((await first).sentAt);
  });

  for (const refusal of [
    "NOPERM this user has no permissions to run the 'mget' command",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "ERR unknown command 'MGET'",
  ]) {
    it(`P11: a server that answers ${refusal.split(' ')[0]} is asked with GETs, in the same call and from then on`, async () => {
      const reads = newReads();
      client.refusal = refusal;
      client.values.set('a', Buffer.from('row'));
      const told = await Promise.all([ask(reads, 'a', 'all'), ask(reads, 'b')]);
      expect(told.map(({ texts }) => texts)).to.deep.equal([['row', 'null'], ['null']]);
      await Promise.all([ask(reads, 'a'), ask(reads, 'b')]);
      expect(client.sent.filter((sent) => sent.startsWith('MGET'))).to.have.length(1);
    });
  }

  it('P11: any other error is the answer to all, and the next turn is one MGET again (control)', async () => {
    const reads = newReads();
    client.refusal = 'LOADING Redis is loading the dataset in memory';
    const told = await Promise.all([ask(reads, 'a'), ask(reads, 'b')]);
    expect(told.map(({ texts }) => texts[0])).to.deep.equal(told.map(() => `ReplyError: ${client.refusal}`));
    client.refusal = undefined;
    await Promise.all([ask(reads, 'a'), ask(reads, 'b')]);
    expect(client.sent).to.deep.equal(['MGET a b', 'MGET a b']);
  });

  it('P11: an MGET has at most 128 names, and fewer if values are large', async () => {
    const reads = newReads();
    const names = Array.from({ length: 300 }, (_, i) => `n${i}`);
    const sizes = () => client.sent.splice(0).map((sent) => sent.split(' ').length - 1);
    await Promise.all(names.map((name) => ask(reads, name)));
    expect(sizes()).to.deep.equal([128, 128, 44]);
    for (const name of names) client.values.set(name, Buffer.alloc(65_536));
    await Promise.all(names.map((name) => ask(reads, name)));
    sizes();
    await Promise.all(names.map((name) => ask(reads, name)));
    expect(Math.max(...sizes())).to.be.lessThan(6);
  });

  it('P11: in a cluster there is one MGET for each slot', async () => {
    const reads = newReads(true);
    expect(slotOf('{x}a')).to.equal(slotOf('{x}b'));
    await Promise.all(['{x}a', 'other', '{x}b'].map((name) => ask(reads, name)));
    expect(client.sent).to.deep.equal(['MGET {x}a {x}b', 'GET other']);
  });
});

describe('a cache whose user may not run MGET', () => {
  const nodes = useNodes();
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(() => redis.stop());

  it('P11: finds all the same what others have stored, with one command for each name', async () => {
    const writer = await nodes.node(redis);
    await writer.setMany([
      ['a', 1],
      ['b', 2],
    ]);
    await nodes.client(redis).call('ACL', 'SETUSER', 'default', '-mget');
    const reader = await nodes.node(redis);
    expect([...(await reader.getMany(['a', 'b', 'c']))]).to.deep.equal([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await reader.getOrSet('a', async () => 'never loaded', { tiers: 'l2' })).to.equal(1);
  });
});
