/** What frameworks do to requests before the endpoints see them: prefixes, parsed bodies, other handlers behind. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import Fastify from 'fastify';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { type Mounted, over, served } from './mounts';
import { RecordingCache } from './recording-cache';

const TOKEN = 'a-token-of-the-test';
const POST = {
  method: 'POST',
  headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
  body: '{"patterns":["feed:*"]}',
};

describe('the endpoints within a framework', () => {
  let cache: RecordingCache;
  let mounted: Mounted | undefined;

  const handler = (basePath?: string) =>
    createCacheHandler(cache, { token: TOKEN, protectReads: false, basePath });

  beforeEach(() => {
    cache = new RecordingCache();
  });

  afterEach(() => mounted?.close());

  const mount = async (app: express.Express): Promise<Mounted> => {
    mounted = await served(createServer(app));
    return mounted;
  };

  for (const [where, app, path] of [
    ['use(handler)', () => express().use(handler()), '/cache'],
    ["use('/cache', handler)", () => express().use('/cache', handler()), '/cache'],
    ["use('/api', handler)", () => express().use('/api', handler()), '/api/cache'],
    ["use('/api/cache', handler)", () => express().use('/api/cache', handler()), '/api/cache'],
    ["a router's use", () => express().use('/a', express.Router().use('/b/cache', handler())), '/a/b/cache'],
    ["use('/x', handler at the root)", () => express().use('/x', handler('/')), '/x'],
  ] as const) {
    it(`are at ${path} after Express' ${where}`, async () => {
      const { send } = await mount(app());
      expect((await send(`${path}/stats`)).status).to.equal(200);
      expect((await send(path)).headers.get('content-type')).to.match(/html/);
      expect((await send(`${path}/invalidate`, POST)).status).to.equal(200);
    });
  }

  it('leave to the handlers behind them what they do not have', async () => {
    const { send } = await mount(
      express()
        .use(handler())
        .use((_, res) => void res.send('behind')),
    );
    for (const path of ['/', '/cachet', '/cache/other', '/other/cache/stats']) {
      expect(await (await send(path)).text(), path).to.equal('behind');
    }
    expect(await (await send('/cache/stats')).text()).not.to.equal('behind');
  });

  for (const [what, parser] of [
    ['parsed JSON', express.json()],
    ['text', express.text({ type: '*/*' })],
    ['bytes', express.raw({ type: '*/*' })],
    [
      'nothing, having read it',
      (req: express.Request, _: unknown, next: () => void) => void req.on('end', next).resume(),
    ],
  ] as const) {
    it(`take a body of which a parser has made ${what}`, async () => {
      const { send } = await mount(
        express()
          .use(parser as express.RequestHandler)
          .use(handler()),
      );
      const response = await send('/cache/invalidate', POST);
      expect(response.status).to.equal(what.startsWith('nothing') ? 400 : 200);
    });
  }

  it("are not misled by Express 4's empty body of requests that no parser has read", async () => {
    const { send } = await mount(
      express()
        .use((req, _, next) => {
          req.body = {};
          next();
        })
        .use(handler()),
    );
    const query = '?event=signal.created&data={"providerId":"1"}';
    const { authorization } = POST.headers;
    const bare = await send(`/cache/invalidate${query}`, { method: 'POST', headers: { authorization } });
    expect(bare.status).to.equal(200);
    expect((await send('/cache/invalidate', POST)).status).to.equal(200);
  });

  it('are a Fastify plugin, below its prefix, and leave the parsers of the application alone', async () => {
    const app = Fastify();
    app.register(handler().fastify, { prefix: '/internal' });
    app.post('/echo', async (request) => request.body);
    await app.listen({ host: '127.0.0.1', port: 0 });
    mounted = over(app.server, () => app.close());
    expect((await mounted.send('/internal/cache/stats')).status).to.equal(200);
    expect((await mounted.send('/internal/cache')).status).to.equal(200);
    expect((await mounted.send('/internal/cache/invalidate', POST)).status).to.equal(200);
    expect((await mounted.send('/cache/stats')).status).to.equal(404);
    expect(await (await mounted.send('/echo', POST)).json()).to.deep.equal({ patterns: ['feed:*'] });
  });

  it('let a hook of Fastify refuse before they are asked', async () => {
    const app = Fastify();
    app.register(async (scope) => {
      scope.addHook('onRequest', async (_, reply) => reply.code(418).send('no'));
      scope.register(handler().fastify);
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    mounted = over(app.server, () => app.close());
    expect((await mounted.send('/cache/stats')).status).to.equal(418);
  });

  for (const [target, status] of [
    ['http://elsewhere/cache/stats', 200],
    ['//cache/stats', 404],
    ['//evil/cache/stats', 404],
    ['/cache/stats?event=%E0%A4%A', 200],
    ['/cache/stats#x', 200],
    ['*', 404],
  ] as const) {
    it(`answer ${status} to the request target ${target}, as it was sent`, async () => {
      mounted = await served(createServer(handler()));
      const { port } = mounted;
      const line = await new Promise<string>((resolve) => {
        const socket = connect(port!, '127.0.0.1', () =>
          socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
        );
        let heard = '';
        socket.on('data', (data) => {
          heard += data;
        });
        socket.on('close', () => resolve(heard.split('\r\n', 1)[0]!));
      });
      expect(line).to.match(new RegExp(`^HTTP/1.1 ${status} `));
    });
  }
});
