/**
 * Runs the signals example as its readers do, as a process of its own: with a Redis that it is given, with one that it
 * finds and starts, and without any. Looks at what it prints and at what it leaves behind, not inside. Once its
 * configuration is made to forget a pattern: a verification that could not fail would prove nothing.
 */

import { mkdtempSync, rmdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { readOptions, UsageError } from '../../examples/signals/options';
import { serve } from '../../examples/signals/server';
import { useNodes } from '../support/nodes';
import { RedisServer } from '../support/redis-server';
import { type Ended, runExample, startExample } from './run-example';

const METHODS = [
  'FeedCacheStrategy',
  'SignalService.detail',
  'SignalService.activeOf',
  'ProviderCacheStrategy',
  'ProviderService.profile',
  'PriceCacheStrategy',
  'PriceService.history',
  'LeaderboardService.top',
  'PortfolioService.summary',
];

const runSignals = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
  runExample('signals', environment, ...args);

/** Calls, L1 %, L2 %, loads and so on, as printed, by method. */
function methodRows(out: string): Map<string, string[]> {
  const rows = out
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name]) => METHODS.includes(name ?? ''));
  return new Map(rows.map(([name, ...cells]) => [name ?? '', cells]));
}

function expectSoundRun({ code, out, errors }: Ended): void {
  expect(errors).to.equal('');
  expect(out).to.match(/During writes +[1-9][\d,]* values read: 0 stale, 0 not as the database answered/);
  expect(out).to.match(/Afterwards +[1-9][\d,]* entries compared with the database: 0 different/);
  expect(out).to.match(/ [1-9]\d* prices/);
  expect(out).to.match(/Warmed +[1-9]\d* entries in \d+ ms/);
  expect(out).to.match(/Health +[✓✗] \S/);
  expect(out).to.match(/Hits of all lookups, both tiers: [\d.]+ %/);
  expect(out).to.match(
    /✓ 0 stale of [1-9][\d,]* values checked\. [1-9][\d,]* of [1-9][\d,]* calls \([\d.]+ %\) ran no load/,
  );
  expect(out).to.match(/Advice +\S/);
  expect(out).to.match(/Invalidations +[1-9][\d,]* per minute/);
  expect([...methodRows(out).keys()]).to.have.members(METHODS);
  const longest = Math.max(...out.split('\n').map((line) => line.length));
  expect(longest).to.be.at.most(100);
  expect(code).to.equal(0);
}

describe('the options of the signals example', () => {
  it('have defaults, and are read as numbers', () => {
    expect(readOptions([])).to.deep.equal({ seconds: 5, visitors: 16, seed: 42, port: undefined });
    expect(readOptions(['--serve'])).to.include({ port: 0 });
    expect(readOptions(['--serve', '8080', '--seed', '7'])).to.include({ port: 8080, seed: 7 });
    expect(readOptions(['--seconds', '7', '--seed=0'])).to.include({ seconds: 7, seed: 0 });
  });

  for (const args of [
    ['--hours', '2'],
    ['--seconds', '0'],
    ['--seconds', '1.5'],
    ['--visitors', ''],
    ['more'],
    ['--serve', '70000'],
    ['--serve', '8080', 'more'],
  ]) {
    it(`are refused, with a reason, if they say ${args.join(' ')}`, () => {
      expect(() => readOptions(args)).to.throw(UsageError, /./);
    });
  }
});

describe('the server of the signals example', () => {
  const nodes = useNodes();

  it('says that a port is taken as a mistake in the options', async () => {
    const cache = await nodes.node(undefined);
    const served = await serve(cache, 0);
    const { port } = new URL(served.dashboard);
    const refusal = await serve(cache, Number(port)).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(UsageError).with.property('message').that.includes('EADDRINUSE');
    await served.close();
    const again = await serve(cache, Number(port));
    await again.close();
  });
});

describe('the signals example', () => {
  let server: RedisServer;
  let redis: Redis;
  let forgetful: Promise<Ended>;

  before(async () => {
    server = await RedisServer.start({ password: 'very-secret' });
    redis = new Redis(server.url);
    await redis.set('somebody:else', 'stays');
    // Beside the first test's: a run mostly waits, for its database and for the end of its traffic.
    const forgotten = 'signals trade.executed feed:<userId>:*';
    forgetful = runSignals({ FORGOTTEN: forgotten, REDIS_URL: server.url }, '--seconds', '2');
  });

  after(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('finds no Redis, says so, and runs on L1 alone', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tiercel-no-redis-'));
    try {
      const run = await runSignals({ PATH: empty, REDIS_SERVER: '' }, '--seconds', '1');
      expectSoundRun(run);
      expect(run.out).to.match(/L2 +none found: L1 alone/);
      expect(run.out).to.match(/L2 answers .*not measured/);
      for (const [, , l2Rate] of methodRows(run.out).values()) expect(l2Rate).to.equal('–');
    } finally {
      rmdirSync(empty);
    }
  });

  it('names what was stale, and fails, if an event forgets a pattern', async () => {
    const run = await forgetful;
    expect(run.errors).to.equal('');
    expect(run.out).to.match(/During writes +[1-9][\d,]* values read: [1-9]\d* stale, 0 not as/);
    expect(run.out).to.match(/stale: feed of u\d+ at revision \d+, though \d+ was acknowledged before/);
    expect(run.code).to.equal(1);
  });

  it('finds a Redis server to run, serves its cache with --serve while the traffic goes on, and when it is told to end reports and stops both', async () => {
    const example = startExample('signals', {}, '--serve');
    const dashboard = await example.says(/Dashboard +(http:\S+)/);
    await example.says(/([1-9][\d,]*) reads/);
    const health = await fetch(`${dashboard}/health`);
    expect(await health.json()).to.include.keys('healthy', 'hitRate', 'threshold', 'message');
    const stats = await fetch(`${dashboard}/stats`);
    const { methods } = (await stats.json()) as { methods: Record<string, unknown> };
    expect(methods).to.include.keys('FeedCacheStrategy', 'LeaderboardService.top', 'warm');
    expect((await fetch(`${dashboard}/clear`, { method: 'DELETE' })).status).to.equal(401);
    example.child.kill('SIGTERM');
    const run = await example.ended;
    expectSoundRun(run);
    const redis = Number(/a private server for this run, .* on 127\.0\.0\.1:(\d+)/.exec(run.out)?.[1]);
    for (const port of [redis, Number(new URL(dashboard).port)]) {
      expect(port).to.be.greaterThan(0);
      expect(await answers(port)).to.equal(false);
    }
  });

  it('is given a Redis by REDIS_URL, shows no password, and leaves only what was there before', async () => {
    const run = await forgetful;
    expect(run.out).to.include(`REDIS_URL, redis://127.0.0.1:${server.port}`);
    expect(run.out).not.to.include('very-secret');
    const stored = /cmdstat_set:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
    expect(Number(stored), 'entries and leases written meanwhile').to.be.greaterThan(100);
    expect(await redis.keys('*')).to.deep.equal(['somebody:else']);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
