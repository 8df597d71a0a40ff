/** Bodies that are slow, broken off, endless or already read: none of them leaks, and none changes anything. */
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readBody } from '../../../src/ops/http/body-reader';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { ManualClock } from '../../support/manual-clock';
import { until } from '../../support/pace';
import { errorCode, type Mounted, served } from './mounts';
import { RecordingCache } from './recording-cache';

const TOKEN = 'a-token-of-the-test';
const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
const HEAD = `POST /cache/invalidate HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
const EVENTS = ['data', 'end', 'close'];

describe('the reading of a body', () => {
  const listeners = (stream: PassThrough) => EVENTS.map((event) => stream.listenerCount(event));

  it('gives what was sent, and leaves no listener and no timer', async () => {
    const clock = new ManualClock();
    const stream = new PassThrough();
    const before = listeners(stream);
    const body = readBody(stream, clock);
    expect(clock.holding, 'timers that hold the process').to.equal(0);
    stream.write('{"a"');
    stream.end(':1}');
    expect(await body).to.deep.equal({ kind: 'bytes', bytes: Buffer.from('{"a":1}') });
    expect(listeners(stream)).to.deep.equal(before);
    expect(clock.pending).to.equal(0);
  });

  it('gives up after ten seconds with 408, however busily the client trickles', async () => {
    const clock = new ManualClock();
    const stream = new PassThrough();
    const before = listeners(stream);
    const body = readBody(stream, clock).catch((error) => error);
    for (let second = 1; second <= 9; second += 1) {
      stream.write(' ');
      clock.advance(1_000);
    }
    let ended = false;
    void body.then(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).to.equal(false);
    clock.advance(1_000);
    expect(await body).to.include({ refusal: 'TIERCEL_HTTP_TIMEOUT', status: 408 });
    expect(listeners(stream)).to.deep.equal(before);
  });

  it('stops at the limit, and takes no more of an endless body', async () => {
    const stream = new PassThrough();
    const before = listeners(stream);
    const body = readBody(stream, new ManualClock()).catch((error) => error);
    stream.write(Buffer.alloc(65_537));
    expect(await body).to.include({ refusal: 'TIERCEL_HTTP_TOO_LARGE', status: 413 });
    expect(listeners(stream)).to.deep.equal(before);
  });

  for (const [how, end] of [
    ['is broken off', (stream: PassThrough) => stream.destroy()],
    ['fails', (stream: PassThrough) => stream.destroy(new Error('reset'))],
  ] as const) {
    it(`ends if the stream ${how}`, async () => {
      const clock = new ManualClock();
      const stream = new PassThrough();
      const body = readBody(stream, clock).catch((error) => error);
      stream.write('{');
      end(stream);
      expect(await body).to.include({ status: 400 });
      expect(clock.pending).to.equal(0);
    });
  }

  it('ends at once if the stream was gone before', async () => {
    const stream = new PassThrough();
    stream.destroy();
    await until(() => stream.closed);
    expect(await readBody(stream, new ManualClock()).catch((error) => error)).to.include({ status: 400 });
  });
});

describe('a body on its way to the endpoints', () => {
  let cache: RecordingCache;
  let mounted: Mounted;
  let seen: IncomingMessage[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    cache = new RecordingCache();
    seen = [];
    const handler = createCacheHandler(cache, { token: TOKEN, protectReads: false });
    mounted = await served(
      createServer((req, res) => {
        seen.push(req);
        void handler(req, res);
      }),
    );
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await mounted.close();
  });

  /** What the server says on a connection to which this was written, until it closes it or `enough` holds. */
  const talk = (text: string, enough: (heard: string) => boolean = () => false): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(mounted.port!, '127.0.0.1', () => socket.write(text));
      sockets.push(socket);
      let heard = '';
      socket.on('error', () => {});
      socket.on('data', (data) => {
        heard += data;
        if (enough(heard)) resolve(heard);
      });
      socket.on('close', () => resolve(heard));
    });

  it('is refused while it comes, when it is longer than it may be, and its connection is closed', async () => {
    const chunk = `${(0x4000).toString(16)}\r\n${' '.repeat(0x4000)}\r\n`;
    const heard = await talk(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`);
    expect(heard)
      .to.match(/^HTTP\/1\.1 413 /)
      .and.match(/\r\nconnection: close\r\n/i);
    expect(cache.changes).to.deep.equal([]);
  });

  it('is refused by its declared length, before any of it has come', async () => {
    const heard = await talk(`${HEAD}Content-Length: 65537\r\n\r\n`);
    expect(heard).to.match(/^HTTP\/1\.1 413 /);
  });

  it('is not waited for if the credentials are wrong', async () => {
    const heard = await talk(`${HEAD.replace(TOKEN, 'wrong')}Content-Length: 5000\r\n\r\n{`);
    expect(heard)
      .to.match(/^HTTP\/1\.1 401 /)
      .and.match(/\r\nconnection: close\r\n/i);
  });

  it('that is broken off ends its request, and changes nothing', async () => {
    const socket = connect(mounted.port!, '127.0.0.1', () =>
      socket.write(`${HEAD}Content-Length: 24\r\n\r\n{"patterns":`),
    );
    await until(() => seen[0] !== undefined && seen[0].listenerCount('data') > 0);
    socket.destroy();
    await until(() => seen[0]!.destroyed && seen[0]!.listenerCount('data') === 0);
    expect(cache.changes).to.deep.equal([]);
  });

  it('leaves the connection to the next request if it was read to its end, or is empty', async () => {
    const body = '{"patterns":["feed:*"]}';
    const get = 'GET /cache/stats HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const heard = await talk(
      `${get}${HEAD}Content-Length: ${body.length}\r\n\r\n${body}${get}`,
      (text) => text.match(/HTTP\/1\.1 200 /g)?.length === 3,
    );
    expect(heard.match(/HTTP\/1\.1 200 /g)).to.have.length(3);
    expect(heard).not.to.match(/connection: close/i);
  });

  it('must be UTF-8, not compressed, and declare its type', async () => {
    const post = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
      mounted.send('/cache/invalidate', { method: 'POST', body: body!, headers: { ...HEADERS, ...headers } });
    const json = '{"patterns":["feed:*"]}';
    const latin1 = await post(Buffer.from('{"reason":"\xe9","patterns":["feed:*"]}', 'latin1'));
    expect(latin1.status).to.equal(400);
    expect((await post(gzipSync(json), { 'content-encoding': 'gzip' })).status).to.equal(415);
    expect((await post(json, { 'content-type': 'application/json; charset=utf-16' })).status).to.equal(415);
    const { authorization } = HEADERS;
    const untyped = await mounted.send('/cache/invalidate', {
      method: 'POST',
      headers: { authorization },
      body: Buffer.from(json),
    });
    expect(untyped.status).to.equal(415);
    expect(await errorCode(untyped)).to.equal('TIERCEL_HTTP_CONTENT_TYPE');
    expect(cache.changes).to.deep.equal([]);
    for (const type of ['application/json', 'application/json;charset=UTF-8', 'application/vnd.x+json']) {
      expect((await post(json, { 'content-type': type })).status, type).to.equal(200);
    }
  });

  it('is cancelled if it has no end and comes from fetch', async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(0x4000)),
      cancel: () => {
        cancelled = true;
      },
    });
    const request = new Request('http://x/cache/invalidate', {
      method: 'POST',
      headers: HEADERS,
      body: endless,
      duplex: 'half',
    });
    const response = await createCacheHandler(cache, { token: TOKEN, protectReads: false }).fetch(request);
    expect(response.status).to.equal(413);
    await until(() => cancelled);
  });
});
