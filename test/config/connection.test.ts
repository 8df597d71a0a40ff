import { expect } from 'chai';
import fc from 'fast-check';
import type { L2Config } from '../../src/config/cache-config';
import { resolveConfig } from '../../src/config/define';
import type { ConnectionConfig } from '../../src/config/resolved';
import { problemsOf } from './problems';

function connectionOf(l2: L2Config): ConnectionConfig | undefined {
  const resolved = resolveConfig({ l2 }).l2;
  return resolved === false ? undefined : resolved.connection;
}

function paths(l2: unknown): string[] {
  return problemsOf({ l2 }).map(({ path }) => path);
}

const LOGIN = { username: undefined, password: undefined, tls: undefined };
const CLIENT = { options: {}, duplicate: () => CLIENT, defineCommand: () => undefined };

describe('the location of Redis', () => {
  it('is undefined, and there is no L2, if no option names it', () => {
    for (const l2 of [
      {},
      { host: undefined, port: '6379' },
      { host: '', port: '', url: '' },
      { password: 'p', db: 1 },
    ]) {
      expect(resolveConfig({ l2 }).l2, JSON.stringify(l2)).to.equal(false);
    }
    expect(resolveConfig({ l2: false }).l2).to.equal(false);
  });

  it('is a host, with port and database as numbers or as strings from the environment', () => {
    expect(connectionOf({ host: 'redis' })).to.deep.equal({
      kind: 'host',
      host: 'redis',
      port: 6379,
      db: undefined,
      ...LOGIN,
    });
    const full = {
      host: 'redis.internal',
      port: '6380',
      db: '2',
      username: 'app',
      password: 'secret',
      tls: true,
    };
    expect(connectionOf(full)).to.deep.equal({
      kind: 'host',
      host: 'redis.internal',
      port: 6380,
      db: 2,
      username: 'app',
      password: 'secret',
      tls: {},
    });
    for (const host of ['127.0.0.1', '::1', 'fe80::1%eth0', 'redis-0.redis']) {
      expect(connectionOf({ host })).to.include({ host });
    }
  });

  it('takes empty strings of the environment for options that are left out', () => {
    expect(
      connectionOf({ host: 'redis', port: '', username: '', password: '', db: '', url: '' }),
    ).to.deep.equal({
      kind: 'host',
      host: 'redis',
      port: 6379,
      db: undefined,
      ...LOGIN,
    });
  });

  it('is a URL, completed by options that it leaves open', () => {
    const url = 'rediss://:secret@redis:6380/3';
    expect(connectionOf({ url })).to.deep.equal({ kind: 'url', url, db: undefined, ...LOGIN });
    for (const address of ['redis://[::1]:6380', 'redis://10.0.0.1/0?family=4']) {
      expect(connectionOf({ url: address })).to.include({ kind: 'url', url: address });
    }
    const tls = { rejectUnauthorized: false };
    expect(connectionOf({ url: 'redis://redis', db: 3, password: 'secret', tls })).to.deep.equal({
      kind: 'url',
      url: 'redis://redis',
      db: 3,
      username: undefined,
      password: 'secret',
      tls,
    });
  });

  it('is a cluster, by some of its nodes', () => {
    const cluster = [{ host: 'a', port: '7000' }, { host: 'b' }];
    expect(connectionOf({ cluster, password: 'secret', db: 0 })).to.deep.equal({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      ...LOGIN,
      password: 'secret',
    });
  });

  it('is a master that sentinels watch', () => {
    const sentinels = [{ host: 'a' }, { host: 'b', port: 5000 }];
    expect(connectionOf({ sentinels, name: 'main', sentinelPassword: 'watch', db: 1 })).to.deep.equal({
      kind: 'sentinel',
      sentinels: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 5000 },
      ],
      name: 'main',
      db: 1,
      sentinelUsername: undefined,
      sentinelPassword: 'watch',
      ...LOGIN,
    });
    expect(paths({ sentinels })).to.deep.equal(['l2.name']);
  });

  it('is a client of the application, which is passed on as it is', () => {
    const connection = connectionOf({ client: CLIENT });
    expect(connection).to.deep.equal({ kind: 'client', client: CLIENT });
    expect(connection).to.have.property('client', CLIENT);
    const nodeRedis = { options: {}, duplicate: () => nodeRedis, sendCommand: () => undefined };
    for (const client of [{ host: 'redis' }, 'redis', () => CLIENT, null, nodeRedis]) {
      expect(paths({ client })).to.deep.equal(['l2.client']);
    }
  });

  it('is refused if two options name it', () => {
    expect(problemsOf({ l2: { host: 'redis', url: 'redis://redis', client: CLIENT } })).to.deep.equal([
      {
        path: 'l2',
        expected: 'one of url, host, cluster, sentinels, client',
        got: 'url and host and client',
      },
    ]);
  });

  for (const port of [
    'abc',
    0,
    70_000,
    '0',
    '65536',
    6379.5,
    '6379.0',
    -1,
    Number.NaN,
    '0x10',
    ' 1',
    null,
    true,
  ]) {
    it(`refuses ${typeof port} ${port} for a port, even without a host`, () => {
      expect(paths({ host: 'redis', port })).to.deep.equal(['l2.port']);
      expect(paths({ port })).to.deep.equal(['l2.port']);
      expect(paths({ cluster: [{ host: 'a', port }] })).to.deep.equal(['l2.cluster[0].port']);
    });
  }

  for (const host of ['redis:6379', 'redis://redis', 'user@redis', 'a b', '/tmp/redis.sock', 7, true]) {
    it(`refuses ${JSON.stringify(host)} for a host`, () => {
      expect(paths({ host })).to.deep.equal(['l2.host']);
      expect(paths({ sentinels: [{ host }], name: 'main' })).to.deep.equal(['l2.sentinels[0].host']);
    });
  }

  for (const url of [
    'redis',
    'http://redis',
    'redis://',
    'redis://redis:0',
    'redis://redis/one',
    'redis://:pass@word#@redis',
    'redis://re$dis',
    'redis://[::g]',
    'redis://redis:99999',
    7,
  ]) {
    it(`refuses ${JSON.stringify(url)} for a URL`, () => {
      expect(paths({ url })).to.deep.equal(['l2.url']);
    });
  }

  it('refuses empty arrays of nodes, and invalid nodes', () => {
    expect(paths({ cluster: [] })).to.deep.equal(['l2.cluster']);
    expect(paths({ sentinels: 'a:26379', name: 'main' })).to.deep.equal(['l2.sentinels']);
    expect(paths({ cluster: ['a:7000'] })).to.include('l2.cluster[0]');
    expect(paths({ cluster: [{ host: 'a', prot: 1 }] })).to.deep.equal(['l2.cluster[0].prot']);
  });

  it('refuses options that contradict the location, instead of ignoring one of them', () => {
    expect(
      paths({ url: 'redis://u:p@redis/1', username: 'v', password: 'q', db: 2, port: 1 }),
    ).to.have.members(['l2.username', 'l2.password', 'l2.db', 'l2.port']);
    expect(paths({ cluster: [{ host: 'a' }], db: 1, port: 7000 })).to.have.members(['l2.db', 'l2.port']);
    expect(paths({ sentinels: [{ host: 'a' }], name: 'main', port: 1 })).to.deep.equal(['l2.port']);
    expect(paths({ client: CLIENT, password: 'p', tls: true })).to.have.members(['l2.password', 'l2.tls']);
    expect(paths({ host: 'redis', name: 'main', sentinelPassword: 'p' })).to.have.members([
      'l2.name',
      'l2.sentinelPassword',
    ]);
  });

  it('refuses strings and TLS options of another type', () => {
    expect(paths({ host: 'redis', username: 7, password: {}, tls: 'yes', db: -1 })).to.have.members([
      'l2.username',
      'l2.password',
      'l2.tls',
      'l2.db',
    ]);
  });
});

describe('messages about the configuration', () => {
  /** Every place where a password, or a URL with one, is likely to be put by mistake. */
  const mistakes: readonly ((secret: string) => unknown)[] = [
    (secret) => ({ l2: { url: `http://user:${secret}@redis` } }),
    (secret) => ({ l2: { url: `redis://user:${secret}@redis:99999` } }),
    (secret) => ({ l2: { url: `redis://user:${secret}@redis/one` } }),
    (secret) => ({ l2: { url: `redis://user:${secret}@redis`, host: 'redis' } }),
    (secret) => ({ l2: { url: `redis://user:${secret}@redis`, password: secret } }),
    (secret) => ({ l2: { host: `redis://user:${secret}@redis/1` } }),
    (secret) => ({ l2: { host: 'redis', port: `redis://:${secret}@redis` } }),
    (secret) => ({ l2: { host: 'redis', password: [secret] } }),
    (secret) => ({ l2: { client: CLIENT, password: secret } }),
    (secret) => ({ l2: { host: 'redis', pasword: secret } }),
    (secret) => ({ l2: `redis://:${secret}@redis` }),
    (secret) => ({ namespace: `redis://:${secret}@redis` }),
    (secret) => ({ l2: { cluster: [`redis://:${secret}@redis`] } }),
    (secret) => ({ ttl: { prices: `redis://:${secret}@redis` } }),
    (secret) => `redis://:${secret}@redis`,
  ];

  it('are given for each of the mistakes that are searched for a password below', () => {
    for (const mistake of mistakes)
      expect(problemsOf(mistake('secret')), String(mistake)).to.not.deep.equal([]);
  });

  it('never show a password, wherever it was written and whatever it contains', () => {
    const secrets = fc.string({ minLength: 8, maxLength: 100 }).map((text) => `~${text}~`);
    fc.assert(
      fc.property(fc.constantFrom(...mistakes), secrets, (mistake, secret) => {
        for (const shown of problemsOf(mistake(secret)).flatMap(({ path, expected, got }) => [
          path,
          expected,
          got,
        ])) {
          expect(shown).to.not.contain(secret.slice(0, 8)).and.to.not.contain(secret.slice(-8));
        }
      }),
      { numRuns: 500 },
    );
  });
});
