/**
 * What every channel promises, whatever its transport (P29 to P32), on a real Redis and under real faults.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import sinon from 'sinon';
import type { ChannelOptions } from '../../src/coherence/subscriber-channel';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import { TcpProxy } from '../support/tcp-proxy';
import { BOUND_MS, type ChannelClass, Subject, stall, subscriberClient } from './channel-fixture';

export interface Transport {
  readonly name: 'tracking' | 'pubsub';
  readonly Channel: ChannelClass;
  /** A write as this toolkit makes it, on a connection that is not the channel's. */
  write(writer: Redis, namespace: string, name: string): Promise<unknown>;
  /** Takes from the server's default user what the transport needs. */
  readonly forbid: readonly string[];
  readonly allow: readonly string[];
}

const FIXTURE = join(__dirname, 'lone-channel.fixture.ts');
const NAMES = ['a', 'a:b', 'x,y', '"quoted"', "'", 'line\nbreak', '\0', '', 'é', '🦅', '%3A*', '<ns', '[]'];

export function describeChannel({ name, Channel, write, forbid, allow }: Transport): void {
  describe(`the ${name} channel keeps the contract`, () => {
    let server: RedisServer;
    let writer: Redis;
    const open: Subject[] = [];
    const children: ChildProcess[] = [];

    before(async () => {
      server = await RedisServer.start();
      writer = new Redis(server.port, server.host);
    });

    after(async () => {
      writer.disconnect();
      await server.stop();
    });

    afterEach(() => {
      sinon.restore();
      for (const { channel } of open.splice(0)) channel.close();
      for (const child of children.splice(0)) child.kill('SIGKILL');
    });

    function connect(options: Partial<ChannelOptions> = {}, port = server.port): Subject {
      const subject = new Subject(Channel, subscriberClient(port), options);
      open.push(subject);
      return subject;
    }

    async function trusted(options: Partial<ChannelOptions> = {}, port = server.port): Promise<Subject> {
      const subject = connect(options, port);
      await until(() => subject.trusted);
      return subject;
    }

    it('P29: a write by another connection is heard by its name, without the namespace', async () => {
      const subject = await trusted();
      await write(writer, subject.namespace, 'provider:42:stats');
      await until(() => subject.count('changed provider:42:stats') > 0);
    });

    it('P29: a name is heard as it was written, whatever characters it has', async () => {
      const subject = await trusted();
      for (const each of NAMES) await write(writer, subject.namespace, each);
      await until(() => NAMES.every((each) => subject.count(`changed ${each}`) > 0));
      const heard = new Set(subject.reports.filter((report) => report.startsWith('changed')));
      expect(heard.size).to.equal(NAMES.length);
    });

    it('P1: a write in a namespace whose name begins alike is not heard', async () => {
      const subject = await trusted();
      await write(writer, `${subject.namespace}.eu`, 'theirs');
      await write(writer, subject.namespace, 'ours');
      await until(() => subject.count('changed ours') > 0);
      expect(subject.reports.filter((report) => report.includes('theirs'))).to.deep.equal([]);
    });

    it('P32: the first trust comes after `established`, which it never precedes', async () => {
      const subject = connect();
      expect(subject.trusted).to.equal(false);
      expect(subject.age).to.equal(Number.POSITIVE_INFINITY);
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established']);
      expect(subject.trustedAt).to.deep.equal([]);
    });

    it('settles as soon as it is trusted, and when time is up if it cannot be', async () => {
      const subject = connect();
      await subject.channel.settled(5_000);
      expect(subject.age).to.be.lessThan(BOUND_MS);
      const astray = connect({}, 1);
      await astray.channel.settled(20);
      expect(astray.trusted).to.equal(false);
      // Heartbeat and watch: the timer of the wait itself is gone.
      await until(() => astray.clock.timers === 2);
    });

    it('control: without a fault it is proven again and again, and nothing is lost', async () => {
      const subject = await trusted();
      const start = subject.clock.now();
      await until(() => subject.clock.now() - start > 2 * BOUND_MS);
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established']);
    });

    it('P32: a killed connection is reported lost, established again, and never trusted in between', async () => {
      const subject = await trusted();
      await writer.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => subject.count('lost') === 1);
      await until(() => {
        const back = subject.count('established') === 2;
        if (!back) expect(subject.trusted, 'trusted while away').to.equal(false);
        return back;
      });
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established', 'lost', 'established']);
      expect(subject.trustedAt).to.deep.equal([]);
      await write(writer, subject.namespace, 'after');
      await until(() => subject.count('changed after') > 0);
    });

    it('P34: the age of the last proof goes on through a loss', async () => {
      const subject = await trusted();
      await writer.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => subject.count('lost') === 1);
      expect(subject.age)
        .to.be.greaterThan(0)
        .and.lessThan(2 * BOUND_MS);
    });

    it('P31: a Redis that hangs ends trust when the bound is over; it returns without a loss', async () => {
      const subject = await trusted();
      const pausedAt = subject.clock.now();
      await server.pause();
      try {
        await until(() => subject.clock.now() - pausedAt > BOUND_MS + 50);
        expect(subject.trusted).to.equal(false);
        expect(subject.age).to.be.greaterThan(BOUND_MS);
      } finally {
        server.resume();
      }
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established']);
    });

    it('a peer that falls silent is given up, time after time, until one answers', async () => {
      const proxy = await TcpProxy.start(server.port);
      try {
        const subject = await trusted({ silenceMs: 200 }, proxy.port);
        const { accepted } = proxy.counters;
        proxy.blackhole();
        await until(() => subject.count('lost') === 1);
        await until(() => proxy.counters.accepted > accepted + 1);
        expect(subject.trusted).to.equal(false);
        proxy.restore();
        await until(() => subject.trusted);
        expect(subject.reports).to.deep.equal(['established', 'lost', 'established']);
      } finally {
        await proxy.close();
      }
    });

    it('control: through the same proxy without a fault the connection is kept', async () => {
      const proxy = await TcpProxy.start(server.port);
      try {
        const subject = await trusted({ silenceMs: 200 }, proxy.port);
        const start = subject.clock.now();
        await until(() => subject.clock.now() - start > 600);
        expect(proxy.counters.accepted).to.equal(1);
        expect(subject.reports).to.deep.equal(['established']);
      } finally {
        await proxy.close();
      }
    });

    it('P31: after a stall nothing is trusted before the sockets were read', async () => {
      const subject = await trusted();
      const seen: { trusted: boolean; heard: boolean }[] = [];
      const look = () =>
        seen.push({ trusted: subject.trusted, heard: subject.count('changed meanwhile') > 0 });
      void write(writer, subject.namespace, 'meanwhile');
      setTimeout(look, 1);
      stall(300);
      look();
      await until(() => {
        look();
        return subject.trusted && subject.count('changed meanwhile') > 0;
      });
      // Both the stalled code itself and the timer that was due meanwhile came before the message.
      expect(seen.slice(0, 2)).to.deep.equal([
        { trusted: false, heard: false },
        { trusted: false, heard: false },
      ]);
      expect(seen.filter((each) => each.trusted && !each.heard)).to.deep.equal([]);
      expect(subject.reports.filter((report) => report === 'lost')).to.deep.equal([]);
    });

    it('control: without the stall it is trusted at the same point', async () => {
      const subject = await trusted();
      stall(1);
      expect(subject.trusted).to.equal(true);
    });

    it('a stall longer than the silence does not cost a connection whose answer is only unread', async () => {
      const subject = await trusted({ silenceMs: 250 });
      await server.pause();
      let stalled = false;
      subject.clock.afterBeat = () => {
        subject.clock.afterBeat = undefined;
        // In the check phase: the next beat is due before the answer to this one can be read.
        setImmediate(() => {
          server.resume();
          stall(400);
          stalled = true;
        });
      };
      await until(() => stalled);
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established']);
    });

    it('nor does one during which no answer was awaited', async () => {
      const subject = await trusted({ silenceMs: 250 });
      await until(() => subject.age > 20 && subject.age < 80);
      stall(400);
      await until(() => subject.trusted);
      expect(subject.reports).to.deep.equal(['established']);
    });

    it('P42: fake timers that a test installs do not stop it', async () => {
      const subject = await trusted();
      useFakeTimers();
      const { timeoutsSet } = subject.clock;
      const start = subject.clock.now();
      await until(() => subject.clock.now() - start > 2 * BOUND_MS);
      await until(() => subject.trusted);
      expect(subject.clock.timeoutsSet - timeoutsSet, 'looks of the watch').to.be.greaterThan(5);
    });

    it('P42: nor do they keep it from giving up a silent connection', async () => {
      const subject = await trusted({ silenceMs: 200 });
      useFakeTimers();
      await server.pause();
      try {
        await until(() => subject.count('lost') === 1);
      } finally {
        server.resume();
      }
    });

    it('a refusal is told once, and again after it was let in; until then the channel goes on asking', async () => {
      await writer.call('ACL', 'SETUSER', 'default', ...forbid);
      const subject = connect();
      try {
        await until(() => subject.refusals.length > 0);
        expect(subject.refusals[0]).to.have.property('code', 'TIERCEL_COHERENCE_REFUSED');
        expect(subject.refusals[0]).to.have.property('subject', name);
        expect(subject.refusals[0]?.message).to.include('NOPERM');
        const attempts = await connectionsOf(writer);
        subject.clock.skip(5_000);
        await untilAsync(async () => (await connectionsOf(writer)) > attempts);
        expect(subject.trusted).to.equal(false);
        expect(subject.reports).to.deep.equal([]);
      } finally {
        await writer.call('ACL', 'SETUSER', 'default', ...allow);
      }
      // The last refusal may be on its way still, and would begin a new wait.
      let skippedAt = Number.NEGATIVE_INFINITY;
      await until(() => {
        if (subject.clock.now() - skippedAt > 500) {
          subject.clock.skip(5_000);
          skippedAt = subject.clock.now();
        }
        return subject.trusted;
      });
      expect(subject.refusals).to.have.lengthOf(1);
      await writer.call('ACL', 'SETUSER', 'default', '-ping');
      try {
        await until(() => subject.refusals.length === 2);
      } finally {
        await writer.call('ACL', 'SETUSER', 'default', '+ping');
      }
    });

    it('a permission that is taken away from a living channel ends trust, and is told', async () => {
      const subject = await trusted();
      await writer.call('ACL', 'SETUSER', 'default', '-ping');
      try {
        await until(() => subject.refusals.length === 1);
        expect(subject.trusted).to.equal(false);
        expect(subject.reports).to.deep.equal(['established', 'lost']);
      } finally {
        await writer.call('ACL', 'SETUSER', 'default', '+ping');
      }
    });

    it('P42: closing ends connection and timers, and nothing is reported any more', async () => {
      const subject = await trusted();
      const others = (await subscribers(writer)) - 1;
      subject.channel.close();
      expect(subject.trusted).to.equal(false);
      expect(subject.clock.timers).to.equal(0);
      await untilAsync(async () => (await subscribers(writer)) === others);
      await write(writer, subject.namespace, 'late');
      expect(subject.reports).to.deep.equal(['established']);
      await subject.channel.settled(5_000);
      subject.channel.close();
    });

    it('closing before the connection is there ends the attempt', async () => {
      const subject = connect();
      const settled = subject.channel.settled(5_000);
      subject.channel.close();
      await settled;
      expect(subject.clock.timers).to.equal(0);
      await writer.ping();
      expect(subject.reports).to.deep.equal([]);
    });

    it('closing does not wait for a peer that has fallen silent', async () => {
      const proxy = await TcpProxy.start(server.port);
      try {
        const client = subscriberClient(proxy.port);
        const subject = new Subject(Channel, client);
        open.push(subject);
        await until(() => subject.trusted);
        proxy.blackhole();
        subject.channel.close();
        await until(() => client.status === 'end');
      } finally {
        await proxy.close();
      }
    });

    it('it does not keep a process alive, but works as long as something else does', async () => {
      expect(await Promise.all([run('leave'), run('stay')])).to.deep.equal([
        { code: 0, out: 'trusted\n' },
        { code: 0, out: 'trusted\ntrusted past the bound\n' },
      ]);
    });

    async function run(mode: 'leave' | 'stay'): Promise<{ code: number; out: string }> {
      const child = spawn(
        process.execPath,
        ['-r', join(__dirname, '../support/transpile.cjs'), FIXTURE, name, `${server.port}`, mode],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      children.push(child);
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      const [code] = await once(child, 'close');
      return { code, out };
    }
  });
}

/** Without `nextTick`, which Node's own sockets cannot do without. */
function useFakeTimers(): void {
  sinon.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'Date',
      'performance',
    ],
  });
}

async function subscribers(client: Redis): Promise<number> {
  return String(await client.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
    .split('\n')
    .filter((line) => line !== '').length;
}

async function connectionsOf(client: Redis): Promise<number> {
  return Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1]);
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  let holds = false;
  while (!holds) holds = await condition();
}
