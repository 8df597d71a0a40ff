/**
 * The endpoints on real caches: what the strategy document shows of their answers, its curl calls as they are typed, and an
 * invalidation that Redis cannot confirm.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import type { TiercelCache } from '../../../src/create';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { sharedRedis, useNodes } from '../../support/nodes';
import { describeWith } from '../../support/optional-program';
import { RedisServer } from '../../support/redis-server';
import { type Mounted, served } from './mounts';

const TOKEN = 'a-token-of-the-test';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const EVENTS = { 'signal.created': ['feed:*', 'provider:<providerId>:stats', 'leaderboard:top'] };

describe('the endpoints of a real cache', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let mounted: Mounted;

  const start = async (server?: { readonly port: number }): Promise<void> => {
    cache = await nodes.node(server, { events: EVENTS });
    const options = { token: TOKEN, protectReads: false, registry: new Registry() };
    mounted = await served(createServer(createCacheHandler(cache, options)));
  };

  const json = async (path: string, init?: RequestInit) =>
    (await mounted.send(path, init)).json() as Promise<any>;

  afterEach(() => mounted.close());

  it("give statistics in the document's shape, with its fields and no other per tier", async () => {
    await start();
    for (let call = 0; call < 4; call += 1) await cache.getOrSet('provider:1:stats', async () => 'a value');
    const stats = await json('/cache/stats');
    for (const tier of ['l1', 'l2', 'overall']) {
      expect(Object.keys(stats[tier]), tier).to.have.members([
        'hits',
        'misses',
        'hitRate',
        'avgResponseTime',
      ]);
    }
    expect(stats.l1).to.include({ hits: 3, misses: 1, hitRate: 75 });
    expect(stats.overall).to.include({ hits: 3, misses: 1, hitRate: 75 });
  });

  it('explain a key to those with the token alone, even if all may read', async () => {
    await start(await sharedRedis());
    await cache.getOrSet('price:secret-1', async () => 'a secret value');
    const path = '/cache/explain?key=price:secret-1';
    const refused = await mounted.send(path);
    expect(refused.status).to.equal(401);
    expect(await refused.text()).not.to.contain('secret');
    const answer = await mounted.send(path, { headers: AUTHORIZED });
    const text = await answer.text();
    expect(text).not.to.contain('a secret value');
    expect(JSON.parse(text).key).to.equal('price:secret-1');
    expect(JSON.parse(text).l2).to.include({ holds: 'entry', serializer: 'json' });
    for (const [wrong, status] of [
      ['', 400],
      ['?key=', 400],
      ['?key=price:<id>', 400],
    ] as const) {
      expect((await mounted.send(`/cache/explain${wrong}`, { headers: AUTHORIZED })).status).to.equal(status);
    }
  });

  it("give health in the document's shape", async () => {
    await start();
    expect(await json('/cache/health')).to.deep.include({ healthy: true, threshold: 80, hitRate: 0 });
    expect(await json('/cache/health'))
      .to.have.property('message')
      .that.is.a('string');
  });

  it('never give a value or a key, whatever is asked without the token', async () => {
    await start();
    await cache.getOrSet(['provider:<id>:stats', { id: 'id-of-somebody' }], async () => 'raw-value');
    await cache.getOrSet(['provider:<id>:stats', { id: 'id-of-somebody' }], async () => 'raw-value');
    await cache.emit('signal.created', { providerId: 'id-of-somebody' });
    await cache.invalidate('provider:id-of-somebody:*');
    for (const path of ['', '/stats', '/report', '/health', '/metrics', '/map', '/invalidations']) {
      const text = await (await mounted.send(`/cache${path}`)).text();
      expect(text, path).not.to.match(/raw-value|id-of-somebody/);
    }
    const all = await (await mounted.send('/cache/invalidations', { headers: AUTHORIZED })).text();
    expect(all).to.include('id-of-somebody').and.not.include('raw-value');
  });

  it('give the metrics of the cache to Prometheus', async () => {
    await start();
    await cache.getOrSet('provider:1:stats', async () => 1);
    const text = await (await mounted.send('/cache/metrics')).text();
    expect(text).to.include(`cache_misses_total{cache="${nodes.namespace}",method="getOrSet",tier="l1"} 1`);
  });

  it('invalidate in both tiers, and record the reason', async () => {
    await start(await sharedRedis());
    let loads = 0;
    const load = async () => {
      loads += 1;
      return loads;
    };
    expect(await cache.getOrSet('feed:u1:%_', load)).to.equal(1);
    const body = JSON.stringify({ event: 'signal.created', data: { providerId: '1' }, reason: 'by hand' });
    const answer = await json('/cache/invalidate', {
      method: 'POST',
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      body,
    });
    expect(answer).to.deep.equal({ acknowledged: true, swept: 0 });
    expect(await cache.getOrSet('feed:u1:%_', load)).to.equal(2);
    expect(cache.invalidations.history().at(-1)).to.include({ event: 'signal.created', reason: 'by hand' });
    expect((await json('/cache/clear', { method: 'DELETE', headers: AUTHORIZED })).acknowledged).to.equal(
      true,
    );
    expect(await cache.getOrSet('feed:u1:%_', load)).to.equal(3);
  });

  it('answer 202 while Redis is away, and 200 beforehand: the control', async () => {
    const server = await RedisServer.start();
    await start(server);
    const clear = async () => mounted.send('/cache/clear', { method: 'DELETE', headers: AUTHORIZED });
    expect((await clear()).status).to.equal(200);
    await server.stop();
    const away = await clear();
    expect(away.status).to.equal(202);
    expect(await away.json()).to.deep.equal({ acknowledged: false });
  });

  describeWith('curl', 'called as the manual and the strategy document write it', (curl) => {
    const run = async (...args: string[]): Promise<any> => {
      const { stdout } = await promisify(execFile)(curl, ['--silent', ...args]);
      return JSON.parse(stdout);
    };
    const auth = ['-H', `Authorization: Bearer ${TOKEN}`];
    let base: string;

    beforeEach(async () => {
      await start();
      base = `http://127.0.0.1:${mounted.port}/cache`;
    });

    it('GET stats and health', async () => {
      expect(await run(`${base}/stats`)).to.have.property('overall');
      expect(await run(`${base}/health`)).to.have.property('healthy', true);
    });

    it('POST invalidate with the event and its data in the query', async () => {
      const url = `${base}/invalidate?event=signal.created&data={"providerId":"123"}`;
      expect(await run('--globoff', '-X', 'POST', ...auth, url)).to.deep.equal({
        acknowledged: true,
        swept: 0,
      });
      expect(cache.invalidations.history().at(-1)?.patterns).to.include('provider:123:stats');
    });

    it('POST invalidate without --globoff, which is told why its braces are gone', async () => {
      const url = `${base}/invalidate?event=signal.created&data={"providerId":"123"}`;
      const { error } = await run('-X', 'POST', ...auth, url);
      expect(error).to.have.property('code', 'TIERCEL_HTTP_BAD_REQUEST');
      expect(error.message).to.include('--globoff');
    });

    it('POST invalidate with JSON', async () => {
      const body = '{"patterns":["feed:*"],"keys":["price:BTC"],"reason":"import"}';
      const answer = await run(
        '-d',
        body,
        '-H',
        'Content-Type: application/json',
        ...auth,
        `${base}/invalidate`,
      );
      expect(answer).to.deep.equal({ acknowledged: true, swept: 0 });
      expect(cache.invalidations.history().at(-1)).to.deep.include({
        patterns: ['feed:*', 'price:BTC'].reverse(),
        reason: 'import',
      });
    });

    it('DELETE clear', async () => {
      expect(await run('-X', 'DELETE', ...auth, `${base}/clear`)).to.deep.equal({ acknowledged: true });
    });
  });
});
