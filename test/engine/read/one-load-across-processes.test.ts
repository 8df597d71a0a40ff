import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { sharedRedis, useNodes } from '../../support/nodes';
import { longerThan, timed, until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';

const KEY = 'provider:42:stats';

describe('processes', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const nodes = useNodes();

  function start(script: string, ...args: string[]): ChildProcess {
    const child = fork(join(__dirname, 'processes', script), args, {
      execArgv: ['-r', join(__dirname, '../../support/transpile.cjs')],
      // What the child warns of would be lost in a report: it is a fault here.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (text: Buffer) => process.stderr.write(text));
    children.push(child);
    return child;
  }

  const told = async (child: ChildProcess): Promise<unknown> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`the process ended (${code ?? signal}) before it told anything`);
      }),
    ])) as unknown[];
    return message;
  };

  it('P12, P14, P16: three processes with a thousand callers each of one cold key load it once, though that takes many times load.wait', async () => {
    const redis = await sharedRedis();
    const port = `${redis.port}`;
    const counter = `${nodes.namespace}-rows`;
    const waitMs = 40;
    const all = Array.from({ length: 3 }, () =>
      start('load-once.ts', port, nodes.namespace, counter, `${waitMs}ms`),
    );
    await Promise.all(all.map(told));
    const ends = all.map(told);
    for (const child of all) child.send('start');
    const rows = new Redis(redis.port, '127.0.0.1');
    await until(async () => (await rows.get(counter)) !== null);
    rows.disconnect();
    await longerThan(10 * waitMs);
    for (const child of all) child.send('end');
    expect(await Promise.all(ends)).to.deep.equal(all.map(() => ({ distinct: ['{"row":1}'] })));
  });

  it('P16: a process that is killed while it loads keeps the others waiting for its lease at most', async () => {
    const redis = await sharedRedis();
    const lease = '1s';
    const survivor = await nodes.node(redis, { l2: { deadline: '50ms' }, load: { lease } });
    const holder = start('hold-lease.ts', `${redis.port}`, nodes.namespace, lease);
    expect(await told(holder)).to.equal('loading');
    const waiting = survivor.getOrSet(KEY, async () => 'row');
    await until(() => survivor.stats().methods['getOrSet']?.leaseWaits === 1);
    const { result, ms, wallMs } = await timed(() => {
      holder.kill('SIGKILL');
      return waiting;
    });
    expect(result).to.equal('row');
    expect(wallMs).to.be.greaterThan(300);
    expect(ms).to.be.lessThan(1_300);
    expect(await survivor.get(KEY), 'loaded under a lease of its own, and stored').to.equal('row');
  });

  describe('that have nothing more to do', () => {
    const exited = (child: ChildProcess) => once(child, 'exit').then(([code]) => code as unknown);

    it('P42: without Redis, end by themselves: no timer of the cache keeps them', async () => {
      const child = start('idle.ts', 'none', 'open');
      expect(await exited(child)).to.equal(0);
    });

    it('with an open connection to Redis, live on, as with any client of Redis', async () => {
      const redis = await sharedRedis();
      const child = start('idle.ts', `${redis.port}`, 'open');
      const client = nodes.client(redis);
      expect(await told(child)).to.equal('used');
      if (child.connected) await once(child, 'disconnect');
      // Nothing but the connection holds it. When the server closes that, it is opened again, and the process lives on.
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await until(
        async () => String(await client.call('CLIENT', 'LIST', 'TYPE', 'normal')).split('\n').length > 2,
      );
      expect(child.exitCode).to.equal(null);
    });

    for (const [how, harm] of [
      ['while Redis is well', async () => {}],
      ['while Redis hangs', (redis: RedisServer) => redis.pause()],
      ['while Redis is gone', (redis: RedisServer) => redis.kill()],
    ] as const) {
      it(`P42: end at once after close, ${how}`, async () => {
        const redis = await RedisServer.start();
        try {
          const child = start('idle.ts', `${redis.port}`, 'close');
          expect(await told(child)).to.equal('used');
          await harm(redis);
          const closing = told(child);
          const end = exited(child);
          child.send('close');
          expect(await closing).to.equal('closed');
          const { result, ms } = await timed(() => end);
          expect(result).to.equal(0);
          expect(ms).to.be.lessThan(500);
        } finally {
          if (redis.running) redis.resume();
          await redis.stop();
        }
      });
    }
  });
});
