import { expect } from 'chai';
import { Redis } from 'ioredis';
import { heard, inL1, sharedRedis, useNodes } from '../support/nodes';
import { longerThan, until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import { TcpProxy } from '../support/tcp-proxy';

describe('the data connection', function () {
  this.timeout(20_000);
  const nodes = useNodes();

  it('P35: the first attempt may take longer than a deadline, so a cold start over a slow link stores its loads', async () => {
    const { port } = await sharedRedis();
    const proxy = await TcpProxy.start(port);
    try {
      proxy.delay(25);
      const cold = nodes.unready(proxy, { l2: { deadline: '150ms' } });
      const began = performance.now();
      await cold.getOrSet('k', async () => 'row');
      expect(performance.now() - began).to.be.lessThan(2_000);
      const admin = new Redis(port, '127.0.0.1');
      expect(await admin.exists(`${nodes.namespace}:k`)).to.equal(1);
      admin.disconnect();
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it('P35: a server that never answers costs the first calls the limit of the first attempt, once', async () => {
    const { port } = await sharedRedis();
    const proxy = await TcpProxy.start(port);
    try {
      proxy.blackhole();
      const cold = nodes.unready(proxy, {});
      expect(await cold.getOrSet('k', async () => 'row')).to.equal('row');
      expect((await cold.ready()).reason).to.match(/no answer within 500 ms|ETIMEDOUT/);
      const began = performance.now();
      await cold.getOrSet('k2', async () => 'row');
      expect(performance.now() - began).to.be.lessThan(400);
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it('P40: a master that was demoted and promoted again is another run: what it held before is not valid', async () => {
    const server = await RedisServer.start();
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      const cache = await nodes.node(server);
      await cache.set('k', 'old row');
      expect(await cache.get('k', { exact: true } as never)).to.equal('old row');
      await admin.call('REPLICAOF', '127.0.0.1', '1');
      await admin.call('REPLICAOF', 'NO', 'ONE');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(
        async () => (await cache.ready()).coherence === 'trusted' && (await cache.get('k')) === undefined,
      );
    } finally {
      admin.disconnect();
      await nodes.close();
      await server.stop();
    }
  });

  it('P31: a master that is demoted while its connections stay open is left, and L1 is not used without one', async () => {
    const server = await RedisServer.start();
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      const cache = await nodes.node(server);
      await inL1(cache, 'k', () => cache.getOrSet('k', async () => 'row'));
      await admin.call('REPLICAOF', '127.0.0.1', '1');
      await until(async () => (await cache.ready()).reason === 'this server is a replica, not a master');
      await until(() => cache.peek('k') === undefined);
    } finally {
      admin.disconnect();
      await nodes.close();
      await server.stop();
    }
  });

  it('P40: a demotion and a promotion while its connections stay open make it another run', async () => {
    const server = await RedisServer.start();
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      const cache = await nodes.node(server);
      await cache.set('k', 'old row');
      await admin.multi().call('REPLICAOF', '127.0.0.1', '1').call('REPLICAOF', 'NO', 'ONE').exec();
      await until(
        async () => (await cache.get('k')) === undefined && (await cache.ready()).coherence === 'trusted',
      );
    } finally {
      admin.disconnect();
      await nodes.close();
      await server.stop();
    }
  });

  it('P31: an address that moves under one of the two connections leaves nobody deaf: both lead to the same run again', async () => {
    const [old, moved] = [await RedisServer.start(), await RedisServer.start()];
    const proxy = await TcpProxy.start(old.port);
    const admin = new Redis(old.port, '127.0.0.1');
    try {
      const reader = await nodes.node(proxy);
      const writer = await nodes.node(moved);
      await until(async () => (await reader.ready()).coherence === 'trusted');
      proxy.move(moved.port);
      // The connection for data alone is made again.
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await writer.set('k', 'row');
      await until(async () => (await reader.get('k')) === 'row' && reader.peek('k') === 'row');
      await writer.set('k', 'new row');
      await until(async () => (await reader.get('k')) === 'new row' && reader.peek('k') === 'new row');
    } finally {
      admin.disconnect();
      await nodes.close();
      await proxy.close();
      await old.stop();
      await moved.stop();
    }
  });

  it('P40: connections that end without a promotion leave it valid (control)', async () => {
    const server = await RedisServer.start();
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      const cache = await nodes.node(server);
      await cache.set('k', 'row');
      const before = await admin.client('LIST');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await until(
        async () => (await admin.client('LIST')) !== before && (await cache.ready()).l2 === 'ready',
      );
      await until(async () => (await cache.get('k')) === 'row');
    } finally {
      admin.disconnect();
      await nodes.close();
      await server.stop();
    }
  });

  it('P34: while Redis hangs, L1 serves for degradedTtl, though the breaker probes it again and again', async () => {
    const server = await RedisServer.start();
    try {
      const cache = await nodes.node(server, {
        coherence: { degradedTtl: '5s' },
        l2: { deadline: '50ms' },
      });
      let loads = 0;
      const read = () =>
        cache.getOrSet('k', async () => {
          loads += 1;
          return `row ${loads}`;
        });
      await until(async () => {
        await read();
        await heard(cache);
        return cache.peek('k') !== undefined;
      });
      loads = 0;
      await server.pause();
      const paused = performance.now();
      while (performance.now() - paused < 2_500) {
        await read();
        await longerThan(20);
      }
      expect(loads, 'loads while L1 may serve').to.equal(0);
      server.resume();
      await until(async () => (await cache.ready()).coherence === 'trusted');
      expect(await read()).to.match(/row/);
    } finally {
      server.resume();
      await nodes.close();
      await server.stop();
    }
  });
});
