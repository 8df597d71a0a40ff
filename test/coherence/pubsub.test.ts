import { expect } from 'chai';
import { Redis } from 'ioredis';
import { Announcer } from '../../src/coherence/announcer';
import { PubSubChannel } from '../../src/coherence/pubsub';
import { systemClock } from '../../src/contract/clock';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import { describeChannel } from './channel-contract';
import { BOUND_MS, Subject, subscriberClient } from './channel-fixture';

const announcers = new WeakMap<Redis, Map<string, Announcer>>();

function announcerOf(writer: Redis, namespace: string): Announcer {
  const ofWriter = announcers.get(writer) ?? new Map<string, Announcer>();
  announcers.set(writer, ofWriter);
  const announcer =
    ofWriter.get(namespace) ??
    new Announcer(writer, namespace, systemClock, BOUND_MS, (reason) => {
      throw reason;
    });
  ofWriter.set(namespace, announcer);
  return announcer;
}

describeChannel({
  name: 'pubsub',
  Channel: PubSubChannel,
  write: (writer, namespace, name) => {
    const reply = writer.set(`${namespace}:${name}`, 'value');
    announcerOf(writer, namespace).announce([name], reply);
    return reply;
  },
  forbid: ['resetchannels'],
  allow: ['allchannels'],
});

describe('the pub/sub channel', () => {
  let server: RedisServer;
  let other: Redis;
  let subject: Subject;
  let refusals: Error[];

  before(async () => {
    server = await RedisServer.start();
    other = new Redis(server.port, server.host);
  });

  beforeEach(async () => {
    refusals = [];
    subject = new Subject(PubSubChannel, subscriberClient(server.port));
    await until(() => subject.trusted);
  });

  afterEach(() => subject.channel.close());

  after(async () => {
    other.disconnect();
    await server.stop();
  });

  function announcer(): Announcer {
    return new Announcer(other, subject.namespace, systemClock, BOUND_MS, (reason) => refusals.push(reason));
  }

  it('hears several names of one announcement one by one, lone surrogates included', async () => {
    announcer().announce(['a', 'a,b', '\ud800'], other.ping());
    await until(() => subject.count('changed \ud800') === 1);
    expect(subject.reports).to.deep.equal(['established', 'changed a', 'changed a,b', 'changed \ud800']);
  });

  for (const message of ['no JSON', '{"names":["a"]}', '[1]', '']) {
    it(`takes a message that it cannot read, ${JSON.stringify(message)}, for a change of everything`, async () => {
      await other.publish(`${subject.namespace}:<bus`, message);
      await until(() => subject.count('flushed') === 1);
    });
  }

  it('does not hear a foreign write: nobody announces it', async () => {
    await other.set(`${subject.namespace}:a`, 1);
    announcer().announce(['b'], other.ping());
    await until(() => subject.count('changed b') === 1);
    expect(subject.count('changed a')).to.equal(0);
  });

  it('hears a script that had to be sent again a second time, after it has run', async () => {
    other.defineCommand('tiercelTestWrite', { numberOfKeys: 1, lua: "return redis.call('SET', KEYS[1], 1)" });
    const script = other as unknown as { tiercelTestWrite(key: string): Promise<unknown> };
    const key = `${subject.namespace}:a`;
    await script.tiercelTestWrite(key);
    await other.call('SCRIPT', 'FLUSH');
    await other.del(key);
    announcer().announce(['a'], script.tiercelTestWrite(key));
    await until(() => subject.count('changed a') === 2);
    expect(await other.get(key)).to.equal('1');
  });

  it('control: a script that the server knows is announced once', async () => {
    other.defineCommand('tiercelTestOnce', { numberOfKeys: 1, lua: "return redis.call('SET', KEYS[1], 2)" });
    const script = other as unknown as { tiercelTestOnce(key: string): Promise<unknown> };
    const key = `${subject.namespace}:a`;
    await script.tiercelTestOnce(key);
    const reply = script.tiercelTestOnce(key);
    announcer().announce(['a'], reply);
    await reply;
    announcer().announce(['end'], other.ping());
    await until(() => subject.count('changed end') === 1);
    expect(subject.count('changed a')).to.equal(1);
  });

  it('the announcement is sent behind its write in one turn, before any reply', async () => {
    const sent: string[] = [];
    const order = {
      publish: (channel: string, message: string) => {
        sent.push(`publish ${channel} ${message}`);
        return Promise.resolve(1);
      },
    };
    sent.push('write');
    new Announcer(order, 'ns', systemClock, BOUND_MS, () => undefined).announce(['a'], Promise.resolve());
    expect(sent).to.deep.equal(['write', 'publish ns:<bus ["a"]']);
  });

  it('a server that does not let this client publish is reported once', async () => {
    await other.call('ACL', 'SETUSER', 'default', '-publish');
    try {
      const silent = announcer();
      silent.announce(['a'], other.ping());
      silent.announce(['b'], other.ping());
      await until(() => refusals.length > 0);
      await other.ping();
      expect(refusals).to.have.lengthOf(1);
      expect(refusals[0]).to.have.property('code', 'TIERCEL_COHERENCE_REFUSED');
      expect(refusals[0]?.message).to.include('NOPERM');
    } finally {
      await other.call('ACL', 'SETUSER', 'default', '+publish');
    }
  });

  it('an announcement on a connection that is gone fails without a refusal: nothing is known of the write', async () => {
    const gone = new Redis(server.port, server.host, { lazyConnect: true, enableOfflineQueue: false });
    gone.on('error', () => undefined);
    gone.disconnect();
    new Announcer(gone, subject.namespace, systemClock, BOUND_MS, (reason) => refusals.push(reason)).announce(
      ['a'],
      Promise.reject(new Error('no connection')),
    );
    announcer().announce(['end'], other.ping());
    await until(() => subject.count('changed end') === 1);
    expect(refusals).to.deep.equal([]);
  });
});
