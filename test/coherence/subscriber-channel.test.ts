import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { SubscriberClient } from '../../src/coherence/subscriber-client';
import { TrackingChannel } from '../../src/coherence/tracking';
import { until } from '../support/pace';
import { Subject } from './channel-fixture';

/** A connection whose replies the test gives, one by one. */
class StubClient extends EventEmitter implements SubscriberClient {
  readonly pings: { answer(): void }[] = [];
  destroyed = 0;
  subscribeError: Error | undefined;
  readonly stream = {
    destroy: () => {
      this.destroyed += 1;
    },
  };

  call(): Promise<unknown> {
    return Promise.resolve(7);
  }

  subscribe(): Promise<unknown> {
    return this.subscribeError === undefined ? Promise.resolve(1) : Promise.reject(this.subscribeError);
  }

  ping(): Promise<unknown> {
    return new Promise((resolve) => this.pings.push({ answer: () => resolve(['pong', '']) }));
  }

  connect(): Promise<void> {
    this.emit('connect');
    this.emit('ready');
    return Promise.resolve();
  }

  disconnect(): void {}
}

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('SubscriberChannel', () => {
  let client: StubClient;
  let subject: Subject;

  beforeEach(() => {
    client = new StubClient();
  });

  afterEach(() => subject.channel.close());

  function open(): void {
    subject = new Subject(TrackingChannel, client, { heartbeatMs: 10 });
  }

  it('P31: each heartbeat sends a PING though earlier ones are unanswered, and an answer proves its own', async () => {
    open();
    const start = subject.clock.now();
    await until(() => client.pings.length === 6);
    client.pings[0]!.answer();
    await turn();
    expect(subject.clock.now() - subject.age).to.be.closeTo(start, 10);
    client.pings[5]!.answer();
    await turn();
    expect(subject.clock.now() - subject.age).to.be.greaterThan(start + 40);
  });

  it('P35: a client that has given up for good is made to connect again, until the channel is closed', async () => {
    open();
    await until(() => client.pings.length === 1);
    client.pings[0]!.answer();
    client.emit('close');
    client.emit('end');
    const { length } = client.pings;
    await until(() => client.pings.length > length);
    client.pings.at(-1)!.answer();
    await until(() => subject.trusted);
  });

  it('P32: an answer that belongs to a connection that is gone proves nothing', async () => {
    open();
    await until(() => client.pings.length === 1);
    client.emit('close');
    client.emit('ready');
    await until(() => client.pings.length === 2);
    client.pings[0]!.answer();
    await turn();
    expect(subject.age).to.equal(Number.POSITIVE_INFINITY);
    client.pings[1]!.answer();
    await turn();
    expect(subject.age).to.be.lessThan(1_000);
  });

  it('P32: a connection that ends while it joins is not listened to, and was not lost', async () => {
    open();
    client.emit('close');
    await turn();
    expect(subject.reports).to.deep.equal([]);
    expect(client.pings).to.have.lengthOf(0);
  });

  for (const message of [
    'BUSY Redis is busy running a script.',
    'LOADING',
    'CLUSTERDOWN the cluster is down',
  ]) {
    it(`a server that answers ${message.split(' ')[0]} does not refuse: it is asked again soon`, async () => {
      client.subscribeError = replyError(message);
      open();
      await turn();
      const beat = once(client, 'beat');
      subject.clock.afterBeat = () => client.emit('beat');
      await beat;
      await turn();
      expect(client.destroyed).to.equal(0);
      subject.clock.skip(250);
      await until(() => client.destroyed > 0);
      expect(subject.refusals).to.deep.equal([]);
    });
  }

  it('a refusal on every attempt is reported once, and again after the channel was let in', async () => {
    client.subscribeError = replyError('NOPERM');
    open();
    await turn();
    client.emit('ready');
    await turn();
    expect(subject.refusals).to.have.lengthOf(1);
    client.subscribeError = undefined;
    client.emit('ready');
    await turn();
    client.subscribeError = replyError('NOPERM');
    client.emit('ready');
    await turn();
    expect(subject.refusals).to.have.lengthOf(2);
  });

  it('a channel that nobody asks lets the watch rest, proofs or not', async () => {
    open();
    await until(() => client.pings.length === 1);
    client.pings[0]!.answer();
    await subject.channel.settled(1_000);
    await until(() => {
      subject.clock.skip(10);
      client.pings.at(-1)!.answer();
      return subject.clock.lastTimeoutMs === 100;
    });
  });

  it('a message that comes after the channel was closed is not handed on', async () => {
    open();
    await until(() => subject.count('established') === 1);
    subject.channel.close();
    client.emit('messageBuffer', Buffer.from('__redis__:invalidate'), [
      Buffer.from(`${subject.namespace}:a`),
    ]);
    expect(subject.reports).to.deep.equal(['established']);
  });
});
