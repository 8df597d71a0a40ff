/** What keeps changes by hand safe: dry runs, refused slips, a record of operators, and figures that stay inside. */
import { createServer, request } from 'node:http';
import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { Access } from '../../../src/ops/http/access';
import { type CacheHandlerOptions, createCacheHandler } from '../../../src/ops/http/cache-handler';
import type { EndpointRequest } from '../../../src/ops/http/endpoint-request';
import { resolveHandlerOptions } from '../../../src/ops/http/options';
import type { Refusal } from '../../../src/ops/http/refusal';
import { WrongTokens } from '../../../src/ops/http/wrong-tokens';
import { ManualClock } from '../../support/manual-clock';
import { useNodes } from '../../support/nodes';
import { expectWarning } from '../../support/unexpected';
import { errorCode, type Mounted, served } from './mounts';
import { ADDRESS, RecordingCache } from './recording-cache';

const TOKEN = 'a-token-of-the-test';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { ...AUTHORIZED, 'content-type': 'application/json' };

describe('a change by hand', () => {
  let cache: RecordingCache;

  beforeEach(() => {
    cache = new RecordingCache();
  });

  const handler = (options: CacheHandlerOptions = { token: TOKEN }) => createCacheHandler(cache, options);
  const post = (body: object, { fetch } = handler()) =>
    fetch(
      new Request('http://x/cache/invalidate', {
        method: 'POST',
        headers: JSON_BODY,
        body: JSON.stringify(body),
      }),
    );

  for (const body of [
    { patterns: ['feed:*'], tags: ['author:7'] },
    { event: 'signal.created', data: { providerId: '1' } },
  ]) {
    it(`can be tried: it says what would be reached, and changes nothing: ${JSON.stringify(body)}`, async () => {
      const response = await post({ ...body, dryRun: true });
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({ dryRun: true, ...cache.preview(body) });
      expect(JSON.parse(cache.previewed[0]!)).to.deep.equal(body);
      expect(cache.changes).to.deep.equal([]);
      await post(body);
      expect(cache.changes, 'control').to.have.length(1);
    });
  }

  it('can be tried for everything', async () => {
    const { fetch } = handler();
    const clear = (query: string) =>
      fetch(new Request(`http://x/cache/clear${query}`, { method: 'DELETE', headers: AUTHORIZED }));
    expect(await (await clear('?dryRun=true')).json()).to.include({ dryRun: true, entries: 3 });
    expect(cache.changes).to.deep.equal([]);
    await clear('?dryRun=false');
    expect(cache.changes).to.deep.equal(['clear']);
  });

  it('needs credentials for a dry run, too: it tells ids from each other', async () => {
    const { fetch } = handler({ token: TOKEN, protectReads: false });
    const body = JSON.stringify({ patterns: ['feed:*'], dryRun: true });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new Request('http://x/cache/invalidate', { method: 'POST', headers, body }));
    expect(response.status).to.equal(401);
  });

  it('is refused if no template can give the name, with the nearest that can, unless it is forced', async () => {
    cache.unreached = [{ name: 'fed:*', nearest: 'feed:*' }];
    const response = await post({ patterns: ['fed:*'] });
    expect(response.status).to.equal(422);
    const { error } = (await response.json()) as any;
    expect(error.code).to.equal('TIERCEL_HTTP_UNREACHED');
    expect(error.message).to.match(/^No cached template can give 'fed:\*'. Did you mean 'feed:\*'\?/);
    expect(cache.changes).to.deep.equal([]);
    expect((await post({ patterns: ['fed:*'], force: true })).status).to.equal(200);
    expect(cache.changes).to.have.length(1);
  });

  for (const body of [{ dryRun: 'yes' }, { force: 1 }]) {
    it(`is refused if a switch is neither true nor false: ${JSON.stringify(body)}`, async () => {
      const response = await post({ patterns: ['feed:*'], ...body });
      expect(response.status).to.equal(400);
      expect(cache.changes).to.deep.equal([]);
    });
  }

  it('is recorded with its actor and its reason, which only the authorized see', async () => {
    const who = handler({
      authorize: ({ header }) => header('x-user') ?? false,
      token: TOKEN,
      protectReads: false,
    });
    const as = (user: string, path: string, init: RequestInit = {}) =>
      who.fetch(
        new Request(`http://x/cache${path}`, { ...init, headers: { 'x-user': user, ...init.headers } }),
      );
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ patterns: ['feed:secret'], reason: 'bad import' });
    await as('ada', '/invalidate', { method: 'POST', headers, body });
    cache.acknowledged = false;
    await who.fetch(
      new Request('http://x/cache/clear?reason=drill', { method: 'DELETE', headers: AUTHORIZED }),
    );
    const { operators } = (await (await as('ada', '/invalidations')).json()) as any;
    expect(operators.map(({ at, ...rest }: any) => rest)).to.deep.equal([
      { actor: 'ada', action: 'invalidate', what: ['feed:secret'], reason: 'bad import', acknowledged: true },
      { actor: 'token', action: 'clear', what: ['*'], reason: 'drill', acknowledged: false },
    ]);
    const open = await (await who.fetch(new Request('http://x/cache/invalidations'))).text();
    expect(open)
      .to.include('"action":"clear"')
      .and.not.match(/ada|drill|secret|bad import/);
  });
});

describe('the record of operators', () => {
  const nodes = useNodes();

  it('is not flushed by the invalidations of the application', async () => {
    const cache = await nodes.node(undefined, { patterns: ['feed:*'], monitoring: { history: 5 } });
    const { fetch } = createCacheHandler(cache, { token: TOKEN });
    const ask = async (path: string, init: RequestInit = {}) =>
      (await fetch(new Request(`http://x/cache${path}`, { headers: AUTHORIZED, ...init }))).json() as any;
    await ask('/clear?reason=drill', { method: 'DELETE', headers: AUTHORIZED });
    for (let write = 0; write < 50; write += 1) await cache.invalidate('feed:*');
    const { history, operators } = await ask('/invalidations');
    expect(
      history.some(({ label }: any) => label === 'clear'),
      'control',
    ).to.equal(false);
    expect(operators).to.have.length(1);
    expect(operators[0]).to.include({ action: 'clear', reason: 'drill' });
  });
});

describe('wrong tokens', () => {
  let clock: ManualClock;
  let access: Access;

  beforeEach(() => {
    clock = new ManualClock();
    const options = resolveHandlerOptions({ token: TOKEN, protectReads: false });
    access = new Access(options, new WrongTokens(clock));
  });

  const asking = (token: string | undefined): EndpointRequest => ({
    method: 'DELETE',
    route: '/clear',
    query: new URLSearchParams(),
    header: (name) => (name === 'authorization' && token !== undefined ? `Bearer ${token}` : undefined),
    body: async () => ({ kind: 'none' }),
    raw: undefined as never,
    onLoopback: false,
  });

  /** The refusal, or `waiting` if there is no answer yet. */
  async function answerTo(token: string | undefined): Promise<string> {
    const refused = access.requireChange(asking(token)).then(
      (actor) => actor,
      ({ refusal }: Refusal) => refusal,
    );
    return Promise.race([refused, new Promise<string>((resolve) => setImmediate(resolve, 'waiting'))]);
  }

  it('are answered later and later, the right one and none at all at once', async () => {
    const answers: string[] = [];
    for (let guess = 0; guess < 4; guess += 1)
      answers.push(await answerTo(`guess ${guess}`.replace(' ', '')));
    expect(answers).to.deep.equal([...Array<string>(3).fill('TIERCEL_HTTP_UNAUTHORIZED'), 'waiting']);
    expect(await answerTo(TOKEN)).to.equal('token');
    expect(await answerTo(undefined)).to.equal('TIERCEL_HTTP_UNAUTHORIZED');
    clock.advance(60_000);
    expect(await answerTo('guess'), 'a minute later').to.equal('TIERCEL_HTTP_UNAUTHORIZED');
  });

  it('are reported once a minute, and refused at once if too many wait; the right one still gets in', async () => {
    const warnings = expectWarning('TIERCEL_HTTP_WRONG_TOKENS');
    let last = '';
    for (let guess = 0; guess < 30; guess += 1) last = await answerTo(`guess${guess}`);
    expect(last).to.equal('TIERCEL_HTTP_TOO_MANY');
    expect(await answerTo(TOKEN)).to.equal('token');
    await warnings.delivered();
    expect(warnings.messages).to.have.length(1);
    clock.advance(60_000);
  });
});

describe('what may be read', () => {
  let cache: RecordingCache;

  beforeEach(() => {
    cache = new RecordingCache();
  });

  const status = async (options: CacheHandlerOptions, path: string, headers = {}) => {
    const { fetch } = createCacheHandler(cache, options);
    return (await fetch(new Request(`http://x/cache${path}`, { headers }))).status;
  };

  it('is for those with credentials if there is a token, the page and the probes aside', async () => {
    for (const path of ['/stats', '/report', '/health', '/metrics', '/map', '/invalidations']) {
      expect(await status({ token: TOKEN }, path), path).to.equal(401);
      expect(await status({ token: TOKEN }, path, AUTHORIZED), path).to.equal(200);
      expect(await status({ token: TOKEN, protectReads: false }, path), path).to.equal(200);
      expect(await status({}, path), path).to.equal(200);
    }
    for (const path of ['', '/health/live', '/health/ready'])
      expect(await status({ token: TOKEN }, path), path).to.equal(200);
  });

  it('never includes the address of Redis without credentials', async () => {
    const { fetch } = createCacheHandler(cache, { token: TOKEN, protectReads: false });
    const report = async (headers = {}) =>
      ((await (await fetch(new Request('http://x/cache/report', { headers }))).json()) as any).redis;
    expect(await report()).to.deep.equal({
      state: 'down',
      reason: null,
      breakers: [{ node: '#1', state: 'open' }],
    });
    expect(await report(AUTHORIZED)).to.deep.include({ breakers: [{ node: ADDRESS, state: 'open' }] });
  });
});

describe('the metrics of a cache beside those of its application', () => {
  const nodes = useNodes();

  it('are for everybody, those of the application and addresses only for the authorized', async () => {
    const registry = new Registry();
    new Counter({ name: 'app_orders_total', help: 'Orders.', registers: [registry] }).inc(7);
    const cache = await nodes.node(undefined);
    await cache.getOrSet('feed:1', async () => 1);
    const { fetch } = createCacheHandler(cache, { token: TOKEN, protectReads: false, registry });
    const metrics = async (headers = {}) =>
      (await fetch(new Request('http://x/cache/metrics', { headers }))).text();
    for (const type of ['prometheus', 'openmetrics'] as const) {
      registry.setContentType(
        (type === 'prometheus'
          ? Registry.PROMETHEUS_CONTENT_TYPE
          : Registry.OPENMETRICS_CONTENT_TYPE) as never,
      );
      const open = await metrics();
      expect(open, type)
        .to.include('cache_calls_total{')
        .and.not.match(/app_orders|cache_breaker_open/);
      expect(open.endsWith(type === 'prometheus' ? '\n' : '# EOF\n'), type).to.equal(true);
      expect(await metrics(AUTHORIZED), type)
        .to.include('app_orders')
        .and.include('cache_breaker_open');
    }
  });
});

describe('a server on the loopback', () => {
  let mounted: Mounted;

  before(async () => {
    mounted = await served(createServer(createCacheHandler(new RecordingCache())));
  });

  after(() => mounted.close());

  const statusFor = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: mounted.port, path: '/cache/stats', headers: { host } };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });

  for (const host of ['localhost', 'localhost:8080', '127.0.0.1', '127.0.0.1:1', '[::1]:80']) {
    it(`answers to ${host}`, async () => expect(await statusFor(host)).to.equal(200));
  }

  for (const host of ['evil.test', 'localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', 'x']) {
    it(`refuses ${host}: a name of another site that its DNS points here`, async () => {
      expect(await statusFor(host)).to.equal(403);
    });
  }

  it('refuses with its own code', async () => {
    const { fetch } = createCacheHandler(new RecordingCache());
    expect(
      (await fetch(new Request('http://evil.test/cache/stats'))).status,
      'fetch does not know its listener',
    ).to.equal(200);
    const response = await new Promise<string>((resolve, reject) => {
      const headers = { host: 'evil.test' };
      request({ host: '127.0.0.1', port: mounted.port, path: '/cache', headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
    expect(await errorCode(new Response(response))).to.equal('TIERCEL_HTTP_HOST');
  });
});
