import { expect } from 'chai';
import { Redis } from 'ioredis';
import { TrackingChannel } from '../../src/coherence/tracking';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import { describeChannel } from './channel-contract';
import { Subject, subscriberClient } from './channel-fixture';

describeChannel({
  name: 'tracking',
  Channel: TrackingChannel,
  write: (writer, namespace, name) => writer.set(`${namespace}:${name}`, 'value'),
  forbid: ['-client|tracking'],
  allow: ['+client|tracking'],
});

describe('the tracking channel hears what nobody announces', () => {
  let server: RedisServer;
  let other: Redis;
  let subject: Subject;

  before(async () => {
    server = await RedisServer.start();
    other = new Redis(server.port, server.host);
  });

  beforeEach(async () => {
    subject = new Subject(TrackingChannel, subscriberClient(server.port));
    await until(() => subject.trusted);
  });

  afterEach(() => subject.channel.close());

  after(async () => {
    other.disconnect();
    await server.stop();
  });

  for (const command of ['FLUSHALL', 'FLUSHDB']) {
    it(`${command} is heard as a flush`, async () => {
      await other.set(`${subject.namespace}:a`, 1);
      await other.call(command);
      await until(() => subject.count('flushed') === 1);
    });
  }

  it('P29: messages that another client publishes on the channel of Redis are ignored, and reported once', async () => {
    for (const message of ['x', '', '["a"]']) await other.publish('__redis__:invalidate', message);
    await other.set(`${subject.namespace}:a`, 1);
    await until(() => subject.count('changed a') === 1);
    expect(subject.reports).to.deep.equal(['established', 'changed a']);
    expect(subject.strange.map((error) => (error as { code?: string }).code)).to.deep.equal([
      'TIERCEL_UNEXPECTED_MESSAGE',
    ]);
  });

  it('P29: a message whose handling throws makes the channel join again, since its names were not forgotten', async () => {
    subject.changed = () => {
      throw new Error('listener');
    };
    await other.set(`${subject.namespace}:a`, 1);
    await until(() => subject.count('established') === 2);
    expect(subject.strange).to.have.lengthOf(1);
  });

  it('a foreign DEL is heard', async () => {
    await other.set(`${subject.namespace}:a`, 1);
    await until(() => subject.count('changed a') === 1);
    await other.del(`${subject.namespace}:a`);
    await until(() => subject.count('changed a') === 2);
  });

  it('an expiry is heard', async () => {
    await other.set(`${subject.namespace}:a`, 1, 'PX', 1);
    await until(() => subject.count('changed a') === 2);
  });

  it('several names in one message are heard one by one', async () => {
    const { namespace } = subject;
    await other.mset(`${namespace}:a`, 1, `${namespace}:b`, 2, `${namespace}:a,b`, 3);
    await until(() => ['a', 'b', 'a,b'].every((name) => subject.count(`changed ${name}`) === 1));
  });

  it('a change in another database of the server is heard as if it were in ours: the safe side', async () => {
    const elsewhere = new Redis(server.port, server.host, { db: 1 });
    await elsewhere.set(`${subject.namespace}:a`, 1);
    await until(() => subject.count('changed a') === 1);
    elsewhere.disconnect();
  });
});

describe('a server that knows no tracking', () => {
  it('is told by its error reply', async () => {
    const server = await RedisServer.start({ args: ['--rename-command', 'CLIENT', 'KLIENT'] });
    const subject = new Subject(TrackingChannel, subscriberClient(server.port));
    try {
      await until(() => subject.refusals.length === 1);
      expect(subject.refusals[0]?.message).to.include('unknown command');
    } finally {
      subject.channel.close();
      await server.stop();
    }
  });
});
