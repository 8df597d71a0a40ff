import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/contract/clock';
import type { L2, Lease, LeaseAttempt, Observation } from '../../src/contract/l2';
import { Order } from '../../src/contract/order';
import { newToken } from '../../src/contract/tokens';
import { encodeEntry, leaseOf, writeLeaseOf } from '../../src/redis/envelope';
import { OneNode } from '../../src/redis/nodes';
import { RedisConnection } from '../../src/redis/redis-connection';
import { RedisL2 } from '../../src/redis/redis-l2';
import type { RedisLike } from '../../src/redis/redis-like';
import { ManualClock } from '../support/manual-clock';
import { sharedRedis, useNodes } from '../support/nodes';

const OPTIONS = {
  namespace: 'ns',
  node: 'a',
  deadlineMs: 50,
  socketTimeoutMs: 500,
  firstAttemptMs: 500,
  leaseMs: 3_000,
  database: 0,
  isOneOfMany: false,
  onBreaker: () => {},
  onUnusable: () => {},
};

// Captured at load, like the timers of the code under test.
const { setImmediate } = globalThis;
const read = (l2: L2, key: string): Promise<Observation> =>
  new Promise((resolve) => l2.read(key, [], resolve));

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A connection whose replies the test gives: every command waits in `sent` until then. */
class SilentClient extends EventEmitter {
  status = 'wait';
  info = 'redis_version:7.0.15';
  disconnected = false;
  seconds = 1_700_000_000;
  readonly sent: {
    readonly name: string;
    readonly args: readonly unknown[];
    reply(value: unknown): void;
    fail(error: Error): void;
  }[] = [];

  constructor() {
    super();
    // As ioredis does it: a command is a method.
    for (const name of ['getBuffer']) this.#command(name);
  }

  defineCommand(name: string): void {
    this.#command(`${name}Buffer`);
  }

  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    if (name === 'INFO') return Promise.resolve(this.info);
    if (name === 'TIME') return Promise.resolve([Buffer.from(String(this.seconds)), Buffer.from('0')]);
    return this.#send(name, args);
  }

  async connect(): Promise<void> {
    this.emit('connecting');
    this.emit('ready');
  }

  disconnect(): void {
    this.disconnected = true;
  }

  #command(name: string): void {
    // The handshake's trial of the scripts.
    const value = (...args: unknown[]) =>
      name === 'tiercelTrialBuffer' ? Promise.resolve('') : this.#send(name, args);
    Object.defineProperty(this, name, { value });
  }

  #send(name: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sent.push({ name, args, reply: resolve, fail: reject });
    });
  }
}

const newLease = (): Lease => ({ token: newToken(), generations: [newToken()] });

const connectionOver = (client: SilentClient, clock: ManualClock) =>
  new RedisConnection(client as unknown as RedisLike, new Order(), clock, OPTIONS);

async function l2Over(client: SilentClient, clock: ManualClock): Promise<RedisL2> {
  const connection = connectionOver(client, clock);
  const l2 = new RedisL2(new OneNode(connection), OPTIONS.leaseMs);
  await l2.status.settled(0);
  expect(l2.status.state.kind).to.equal('ready');
  return l2;
}

describe("L2's clock", () => {
  it('is read again every minute, so that a drift of either clock does not add up', async () => {
    const [client, clock] = [new SilentClient(), new ManualClock()];
    const l2 = await l2Over(client, clock);
    expect(l2.now('k')).to.equal(1_700_000_000_000);
    client.seconds += 57;
    clock.advance(59_999);
    await turn();
    expect(l2.now('k')).to.equal(1_700_000_059_999);
    clock.advance(1);
    await turn();
    expect(l2.now('k')).to.equal(1_700_000_057_000);
    await l2.close();
  });
});

describe('A connection that opens', () => {
  it('P38: an invalidation does not wait for it, or the delivery that precedes its use would wait for itself', async () => {
    const client = new SilentClient();
    const connection = connectionOver(client, new ManualClock());
    const l2 = new RedisL2(new OneNode(connection), OPTIONS.leaseMs);
    const delivery = Promise.all([l2.invalidate('key'), l2.generations.remove('<all')]);
    connection.onReturn = () => delivery;
    await l2.status.settled(0);
    expect(l2.status.state.kind).to.equal('ready');
    expect((await delivery).map(({ result }) => result)).to.deep.equal(['unknown', 'unknown']);
    await l2.close();
  });

  it('P35: the limit of the first attempt ends with the handshake: what is delivered then may take longer', async () => {
    const [client, clock] = [new SilentClient(), new ManualClock()];
    const connection = connectionOver(client, clock);
    const l2 = new RedisL2(new OneNode(connection), OPTIONS.leaseMs);
    let delivered: () => void = () => {};
    connection.onReturn = () => new Promise<void>((resolve) => (delivered = resolve));
    await turn();
    clock.advance(OPTIONS.firstAttemptMs);
    delivered();
    await turn();
    expect(l2.status.state.kind).to.equal('ready');
    await l2.close();
  });
});

describe('RedisL2', () => {
  let client: SilentClient;
  let clock: ManualClock;
  let l2: RedisL2;

  beforeEach(async () => {
    client = new SilentClient();
    clock = new ManualClock();
    l2 = await l2Over(client, clock);
  });

  afterEach(() => l2.close());

  const late = async () => {
    await turn();
    clock.advance(50);
    await turn();
  };

  it('P15: a lease whose reply came too late is released, once, however late the reply to that is', async () => {
    const lease = newLease();
    const claiming = l2.acquireLease('k', lease);
    await late();
    expect((await claiming).kind).to.equal('unreachable');
    client.sent[0]?.reply(null);
    await turn();
    expect(client.sent.map(({ name }) => name)).to.deep.equal(['SET', 'tiercelReleaseBuffer']);
    expect(client.sent[1]?.args).to.deep.equal(['ns:k', leaseOf(lease)]);
    await late();
    client.sent[1]?.reply(1);
    await late();
    client.emit('close');
    client.emit('ready');
    await turn();
    expect(client.sent).to.have.lengthOf(2);
  });

  it('P15: a lease that was lost with its connection is released when Redis is back', async () => {
    const lease = newLease();
    const claiming = l2.acquireLease('k', lease);
    await turn();
    client.emit('close');
    client.sent[0]?.fail(new Error('Connection is closed.'));
    expect((await claiming).kind).to.equal('unreachable');
    expect(client.sent).to.have.lengthOf(1);
    client.emit('ready');
    await turn();
    expect(client.sent[1]?.args).to.deep.equal(['ns:k', leaseOf(lease)]);
  });

  it('P15: a release that was lost is sent again after the next return, and no more once it is answered', async () => {
    const lease = newLease();
    const releasing = l2.release('k', lease);
    await turn();
    client.emit('close');
    client.sent[0]?.fail(new Error('Connection is closed.'));
    expect((await releasing).result).to.equal('unknown');
    client.emit('ready');
    await turn();
    expect(client.sent).to.have.lengthOf(2);
    client.sent[1]?.reply(0);
    await turn();
    client.emit('close');
    client.emit('ready');
    await turn();
    expect(client.sent).to.have.lengthOf(2);
  });

  it('P15: an error reply is an answer: nothing was taken, so nothing is released', async () => {
    const claiming = l2.acquireLease('k', newLease());
    const refusal = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });
    client.sent[0]?.fail(refusal);
    expect(await claiming).to.deep.include({ kind: 'unreachable', error: refusal });
    await turn();
    expect(client.sent).to.have.lengthOf(1);
  });

  it('P15: a fill that the server refuses gives its lease back, so nobody waits for its expiry', async () => {
    const lease = newLease();
    const filling = l2.fill('k', lease, {
      ttlMs: 1,
      costMs: 0,
      version: '',
      generations: [],
      tags: [],
      staleMs: 0,
      serializer: 'json',
      payload: '1',
    });
    client.sent[0]?.fail(Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' }));
    expect((await filling).result).to.equal('refused');
    expect(client.sent[1]).to.deep.include({
      name: 'tiercelReleaseBuffer',
      args: ['ns:k', leaseOf(lease)],
    });
  });

  it('P36: a reply that comes after the deadline changes nothing any more', async () => {
    const reading = read(l2, 'k');
    await late();
    client.sent[0]?.reply(Buffer.from(leaseOf(newLease())));
    expect((await reading).kind).to.equal('unreachable');
  });

  it('while Redis is away nothing is sent: reads and writes say so at once', async () => {
    client.emit('error', new Error('connect ECONNREFUSED'));
    const lease = newLease();
    const entry = {
      ttlMs: 1,
      costMs: 0,
      version: '',
      generations: [],
      tags: [],
      staleMs: 0,
      serializer: 'json',
      payload: '1',
    };
    expect(l2.status.state).to.deep.equal({ kind: 'down', reason: 'connect ECONNREFUSED' });
    expect([(await read(l2, 'k')).kind, (await l2.acquireLease('k', lease)).kind]).to.deep.equal([
      'unreachable',
      'unreachable',
    ]);
    const witness = { prefix: 'V1', length: undefined };
    expect((await l2.takeOver('k', witness, lease)).kind).to.equal('unreachable');
    const write = { kind: 'write-lease' } as const;
    for (const verdict of [
      l2.fill('k', lease, entry),
      l2.stubStands('k', witness),
      l2.release('k', lease),
      l2.renew('k', lease),
      l2.invalidate('k'),
      l2.set('k', entry),
      l2.commitPut('k', write, lease.token, entry),
      l2.withdrawPut('k', write, lease.token),
    ])
      expect((await verdict).result).to.equal('unknown');
    expect((await l2.beginPut('k', lease.token)).kind).to.equal('unknown');
    expect(client.sent).to.have.lengthOf(0);
  });

  it('P24: while Redis is away no write lease is asked for, renewed or given back', async () => {
    const away = new SilentClient();
    const connection = connectionOver(away, clock);
    away.emit('error', new Error('connect ECONNREFUSED'));
    const other = new RedisL2(new OneNode(connection), OPTIONS.leaseMs);
    for (const verdict of [
      other.beginWrite('k', 'token'),
      other.renewWrite('k', 'token'),
      other.endWrite('k', 'token'),
    ]) {
      expect((await verdict).result).to.equal('unknown');
    }
    expect(away.sent).to.have.lengthOf(0);
    await connection.close();
  });

  it('P42: close answers everything that is under way, and ignores what the connection says later', async () => {
    const states: string[] = [];
    l2.status.onState(({ kind }) => states.push(kind));
    const [reading, invalidating] = [read(l2, 'k'), l2.invalidate('k')];
    await turn();
    await l2.close();
    expect((await reading).kind).to.equal('unreachable');
    expect((await invalidating).result).to.equal('unknown');
    client.emit('close');
    client.emit('ready');
    await turn();
    expect(states).to.deep.equal(['closed']);
    expect([client.disconnected, clock.pending]).to.deep.equal([true, 0]);
  });

  it('P35: a client that has given up for good is made to connect again, until the l2 is closed', async () => {
    client.emit('close');
    client.emit('end');
    expect(l2.status.state.kind).to.equal('down');
    clock.advance(100);
    await turn();
    expect(l2.status.state.kind).to.equal('ready');
    client.emit('end');
    await l2.close();
    expect(clock.pending).to.equal(0);
  });

  it('P8: many generation keys are touched in chunks, so that they do not hold the event loop', async () => {
    const names = Array.from({ length: 600 }, (_, i) => `<p:feed:${i}`);
    const touching = l2.generations.touch(names);
    for (const sent of [250, 500, 600]) {
      expect(client.sent).to.have.lengthOf(sent);
      for (const command of client.sent) command.reply(1);
      await turn();
    }
    await touching;
    expect(client.sent.map(({ args }) => args[0])).to.deep.equal(names.map((name) => `ns:${name}`));
  });

  it('listeners hear each change of state once', async () => {
    const states: string[] = [];
    l2.status.onState(({ kind }) => states.push(kind));
    client.emit('error', new Error('reset'));
    client.emit('close');
    client.emit('ready');
    await turn();
    expect(states).to.deep.equal(['down', 'ready']);
  });
});

describe('RedisL2 over a Redis before 7, which has no SET NX GET', () => {
  const nodes = useNodes(after);
  const clients: Redis[] = [];
  let seven: RedisL2;
  let six: RedisL2;
  let sentBySix: string[];

  before(async () => {
    const { port } = await sharedRedis();
    const connect = () => {
      const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, protocol: 2 });
      clients.push(redis);
      return redis;
    };
    const old = connect();
    const call = old.callBuffer.bind(old) as (...args: unknown[]) => Promise<unknown>;
    sentBySix = [];
    old.callBuffer = ((...args: unknown[]) => {
      sentBySix.push(String(args[0]));
      return args[0] === 'INFO' ? Promise.resolve('redis_version:6.2.14\r\n') : call(...args);
    }) as typeof old.callBuffer;
    const options = { ...OPTIONS, deadlineMs: 1_000, namespace: nodes.namespace };
    const tierOn = (redis: Redis) =>
      new RedisL2(
        new OneNode(new RedisConnection(redis, new Order(), systemClock, options)),
        options.leaseMs,
      );
    seven = tierOn(connect());
    six = tierOn(old);
    for (const l2 of [seven, six]) {
      await l2.status.settled(5_000);
      expect(l2.status.state.kind).to.equal('ready');
    }
  });

  after(async () => {
    await seven.close();
    await six.close();
  });

  const entry = {
    ttlMs: 60_000,
    costMs: 1,
    version: '',
    generations: [],
    tags: [],
    staleMs: 0,
    serializer: 'json',
    payload: '"row"',
  };
  const stood: Record<string, string | Buffer | undefined> = {
    nothing: undefined,
    'a lease': leaseOf(newLease()),
    'a write lease': writeLeaseOf(newToken()),
    'an entry': encodeEntry(newToken(), Date.now() + 60_000, entry),
    'a binary entry': encodeEntry(newToken(), Date.now() + 60_000, {
      ...entry,
      payload: Buffer.of(0, 255, 10),
    }),
    'a foreign string': 'foreign',
    'an empty string': '',
  };

  for (const [name, value] of Object.entries(stood)) {
    it(`a claim where ${name} stands has the same result and leaves the same at the key`, async () => {
      const client = nodes.client(await sharedRedis());
      const results: unknown[] = [];
      for (const l2 of [seven, six]) {
        await client.del('k');
        if (value !== undefined) await client.set('k', value);
        const lease = newLease();
        const claim: LeaseAttempt = await l2.acquireLease('k', lease);
        const left = await client.getBuffer('k');
        const ms = await client.pttl('k');
        results.push({
          claim: { ...claim, sentAt: 0 },
          left: left?.equals(Buffer.from(leaseOf(lease))) ? 'the own lease' : left?.toString('latin1'),
          expires: ms > 0 && ms <= OPTIONS.leaseMs,
        });
      }
      expect(results[1]).to.deep.equal(results[0]);
    });
  }

  it('P12: a value that was marked and has changed since, though it begins alike, is not replaced', async () => {
    const client = nodes.client(await sharedRedis());
    await client.set('k', 'foreign');
    const seen = await read(seven, 'k');
    if (seen.kind !== 'garbled') throw new Error(seen.kind);
    await client.set('k', 'foreign, and longer');
    expect((await seven.takeOver('k', seen.witness, newLease())).kind).to.equal('garbled');
    expect(await client.get('k')).to.equal('foreign, and longer');
    await client.set('k', 'foreign');
    expect((await seven.takeOver('k', seen.witness, newLease())).kind).to.equal('acquired');
    await client.del('k');
  });

  it('a claim where a list stands is a foreign type', async () => {
    const client = nodes.client(await sharedRedis());
    await client.del('k');
    await client.rpush('k', 'a');
    for (const l2 of [seven, six])
      expect((await l2.acquireLease('k', newLease())).kind).to.equal('foreign-type');
    await client.del('k');
  });

  it('took the way of the script (control)', () => {
    expect(sentBySix).to.include('INFO').and.not.include('SET');
  });
});
