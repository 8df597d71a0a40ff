/** Which requests `authorize` lets in, and which not, although their browser has what it takes. */
import { expect } from 'chai';
import {
  type AccessRequest,
  type CacheHandlerOptions,
  createCacheHandler,
} from '../../../src/ops/http/cache-handler';
import { errorCode } from './mounts';
import { RecordingCache } from './recording-cache';

function send(cache: RecordingCache, options: CacheHandlerOptions, path: string, init: RequestInit = {}) {
  return createCacheHandler(cache, options).fetch(new Request(`http://host.test/cache${path}`, init));
}

describe('authorize', () => {
  let cache: RecordingCache;
  let asked: AccessRequest[];

  beforeEach(() => {
    cache = new RecordingCache();
    asked = [];
  });

  const answering = (answer: unknown): CacheHandlerOptions => ({
    authorize: (request) => {
      asked.push(request);
      return answer as boolean;
    },
  });

  it('is told what is wanted, by which route, and can see headers and the request itself', async () => {
    const headers = { 'x-user': 'ada' };
    await send(cache, answering(true), '/clear', { method: 'DELETE', headers });
    await send(cache, answering(true), '/stats', { headers });
    expect(asked.map(({ access, route, method }) => [access, route, method])).to.deep.equal([
      ['change', '/clear', 'DELETE'],
      ['read', '/stats', 'GET'],
    ]);
    expect(asked[0]!.header('x-user')).to.equal('ada');
    expect((asked[0]!.raw as Request).headers.get('x-user')).to.equal('ada');
  });

  for (const answer of [true, Promise.resolve(true)]) {
    it(`lets in with ${answer === true ? 'true' : 'a promise of true'}`, async () => {
      const response = await send(cache, answering(answer), '/clear', { method: 'DELETE' });
      expect(response.status).to.equal(200);
    });
  }

  for (const answer of [false, undefined, null, 1, '', {}, Promise.resolve(false), Promise.resolve(1)]) {
    it(`lets nobody in with ${answer instanceof Promise ? 'a promise of something else' : JSON.stringify(answer)}`, async () => {
      const response = await send(cache, answering(answer), '/clear', { method: 'DELETE' });
      expect(response.status).to.equal(401);
      expect(cache.changes).to.deep.equal([]);
    });
  }

  for (const [how, authorize] of [
    [
      'throws',
      () => {
        throw new Error('no session store');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no session store');
      },
    ],
  ] as const) {
    it(`lets nobody in if it ${how}: the answer is 500, and nothing has changed`, async () => {
      const told: unknown[] = [];
      const options: CacheHandlerOptions = { authorize, onError: (error) => told.push(error) };
      const response = await send(cache, options, '/clear', { method: 'DELETE' });
      expect(response.status).to.equal(500);
      expect(await response.text()).not.to.include('session');
      expect(cache.changes).to.deep.equal([]);
      expect(told).to.have.length(1);
    });
  }

  it('need not be asked if the token fits, and is asked if it does not', async () => {
    const options = { ...answering(false), token: 'right' };
    const init = (token: string) => ({ method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    expect((await send(cache, options, '/clear', init('right'))).status).to.equal(200);
    expect(asked).to.have.length(0);
    expect((await send(cache, options, '/clear', init('wrong'))).status).to.equal(401);
    expect(asked).to.have.length(1);
  });

  it('decides which callers see ids, while everybody may read', async () => {
    for (const answer of [true, false]) {
      const response = await send(cache, answering(answer), '/invalidations');
      expect(response.status).to.equal(200);
      expect((await response.text()).includes('secret-42')).to.equal(answer);
    }
  });

  it('decides which callers may read at all, if reads are protected', async () => {
    for (const answer of [true, false]) {
      const response = await send(cache, { ...answering(answer), protectReads: true }, '/stats');
      expect(response.status).to.equal(answer ? 200 : 401);
    }
  });
});

describe('a browser that another site has led to the endpoints', () => {
  // As with a cookie that the browser adds by itself.
  const options: CacheHandlerOptions = { token: 'right', authorize: () => true };

  const clear = async (headers: Record<string, string>) => {
    const cache = new RecordingCache();
    const response = await send(cache, options, '/clear', {
      method: 'DELETE',
      headers: { host: 'host.test', ...headers },
    });
    return { response, changed: cache.changes.length > 0 };
  };

  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.test' },
    { origin: 'null' },
  ]) {
    it(`changes nothing: ${JSON.stringify(headers)}`, async () => {
      const { response, changed } = await clear(headers);
      expect(response.status).to.equal(403);
      expect(await errorCode(response)).to.equal('TIERCEL_HTTP_CROSS_SITE');
      expect(changed).to.equal(false);
    });
  }

  for (const headers of [
    {},
    { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.test' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://host.test' },
    { 'sec-fetch-site': 'cross-site', authorization: 'Bearer right' },
  ]) {
    it(`is told from the own page, from programs and from callers with the token: ${JSON.stringify(headers)}`, async () => {
      const { response, changed } = await clear(headers);
      expect(response.status).to.equal(200);
      expect(changed).to.equal(true);
    });
  }
});
