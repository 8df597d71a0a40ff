/**
 * Whatever is sent: the answer is well-formed, never a 500, says nothing secret, and nothing changes without credentials.
 * Real HTTP, one server for all runs, so that a request that harmed it would show in those after it.
 */
import { Agent, createServer, type IncomingHttpHeaders, METHODS, request } from 'node:http';
import { expect } from 'chai';
import fc from 'fast-check';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { type Mounted, served } from './mounts';
import { RecordingCache } from './recording-cache';

const TOKEN = 'a-token-of-the-test';
const RUNS = { numRuns: 400 };

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
});

const json = fc.json().map((text) => text);
const field = fc.constantFrom('event', 'data', 'keys', 'patterns', 'tags', 'reason', '__proto__', 'other');
const likely = fc.oneof(
  fc.constantFrom(
    'signal.created',
    'feed:*',
    'provider:<id>:stats',
    '<',
    'us*r',
    '{id}',
    '%',
    'a:<b',
    '::',
    '',
    7,
    null,
  ),
  fc.array(fc.constantFrom('feed:*', 'a*b', '<id>', ['provider:<id>', { id: {} }], ['x'], [[]], '')),
  fc.constantFrom({}, { providerId: '1' }, { providerId: {} }, { providerId: null }),
);

const wild: fc.Arbitrary<Asked> = fc.record({
  // Node answers CONNECT before any handler, by closing the connection.
  method: fc.constantFrom(
    ...METHODS.filter((method) => method !== 'CONNECT'),
    'POST',
    'POST',
    'POST',
    'DELETE',
    'GET',
  ),
  target: fc
    .tuple(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom(
            '/invalidate',
            '/clear',
            '/stats',
            '/report',
            '/health',
            '/metrics',
            '/invalidations',
            '',
          ),
        },
        { weight: 1, arbitrary: visible.map((text) => `/${text}`) },
      ),
      fc.oneof(
        fc.constant(''),
        visible.map((text) => `?${text}`),
        fc
          .tuple(field, fc.oneof(json, visible))
          .map(([name, text]) => `?${name}=${encodeURIComponent(text)}`),
      ),
    )
    .map(([path, query]) => `/cache${path}${query}`),
  headers: fc.oneof(
    fc.constant({}),
    fc.constant({ 'content-type': 'application/json' }),
    fc.record({
      'content-type': fc.oneof(visible, fc.constant('application/json')),
      'content-encoding': fc.constantFrom('gzip', 'identity', 'x'),
      'sec-fetch-site': visible,
      origin: visible,
    }),
  ),
  body: fc.oneof(
    json,
    fc.dictionary(field, likely).map((fields) => JSON.stringify(fields)),
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(' '.repeat(70_000)),
  ),
});

/** Requests that would be obeyed, except for at most one mistake. */
const tame: fc.Arbitrary<Asked> = fc
  .record({
    fields: fc.dictionary(field, likely, { maxKeys: 1 }),
    type: fc.constantFrom('application/json', 'text/plain'),
  })
  .map(({ fields, type }) => ({
    method: 'POST',
    target: '/cache/invalidate',
    headers: { 'content-type': type },
    body: JSON.stringify({ patterns: ['feed:*'], ...fields }),
  }));

const asked = fc.oneof({ weight: 3, arbitrary: wild }, { weight: 1, arbitrary: tame });

describe('any request to the endpoints', () => {
  let cache: RecordingCache;
  let mounted: Mounted;
  let agent: Agent;

  before(async () => {
    cache = new RecordingCache();
    mounted = await served(createServer(createCacheHandler(cache, { token: TOKEN })));
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });

  after(async () => {
    agent.destroy();
    await mounted.close();
  });

  const send = ({ method, target, headers, body }: Asked, token?: string): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const credentials = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const options = {
        agent,
        port: mounted.port,
        host: '127.0.0.1',
        method,
        path: target,
        headers: { ...headers, ...credentials, 'content-length': Buffer.byteLength(body) },
      };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  const expectWellFormed = ({ method }: Asked, { status, headers, text }: Answered): void => {
    expect(headers['cache-control']).to.equal('no-store');
    expect(status).to.be.oneOf([200, 204, 400, 401, 403, 404, 405, 413, 415, 422]);
    expect(text).not.to.include(TOKEN);
    if (status < 400 || method === 'HEAD') return;
    const { error } = JSON.parse(text);
    expect(error.code).to.match(/^TIERCEL_[A-Z_]+$/);
    expect(error.message).to.be.a('string').and.not.include('    at ');
  };

  it('without credentials is answered, and changes nothing', async () => {
    await fc.assert(
      // With a blank in it, so that it is no token: those are slowed down.
      fc.asyncProperty(asked, fc.option(visible), async (one, guess) => {
        const answer = await send(one, guess === null ? undefined : `x ${guess} x`);
        expectWellFormed(one, answer);
        expect(cache.changes).to.deep.equal([]);
        expect(answer.text).not.to.include('secret');
      }),
      RUNS,
    );
  });

  it('with credentials is answered, and what is answered with an error has changed nothing', async () => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (one) => {
        cache.changes.length = 0;
        const answer = await send(one, TOKEN);
        expectWellFormed(one, answer);
        const mayChange = answer.status === 200 && /^\/cache\/(invalidate|clear)\/?(\?|#|$)/.test(one.target);
        expect(cache.changes).to.have.length(mayChange ? 1 : 0);
        changes += cache.changes.length;
      }),
      RUNS,
    );
    expect(changes, 'runs that changed something: the control').to.be.greaterThan(0);
  });
});
