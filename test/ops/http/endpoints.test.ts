/** What the endpoints answer, checked on each way of mounting them: over real HTTP, except for the fetch twin. */
import { expect } from 'chai';
import { type CacheHandlerOptions, createCacheHandler } from '../../../src/ops/http/cache-handler';
import { errorCode, MOUNTS, type Mounted } from './mounts';
import { RecordingCache } from './recording-cache';

const TOKEN = 'a-token-of-the-test';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { ...AUTHORIZED, 'content-type': 'application/json' };

for (const [name, mount] of Object.entries(MOUNTS)) {
  describe(`the endpoints on ${name}`, () => {
    let cache: RecordingCache;
    let mounted: Mounted;

    const start = async (
      options: CacheHandlerOptions = { token: TOKEN, protectReads: false },
    ): Promise<void> => {
      await mounted?.close();
      cache = new RecordingCache();
      mounted = await mount(createCacheHandler(cache, options));
    };

    const invalidate = (body: unknown, headers: Record<string, string> = JSON_BODY): Promise<Response> =>
      mounted.send('/cache/invalidate', {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });

    beforeEach(() => start());

    after(() => mounted.close());

    it('give statistics and reports as JSON that no cache on the way may keep', async () => {
      for (const path of ['/cache/stats', '/cache/report', '/cache/stats/', '/cache/stats?x=1']) {
        const response = await mounted.send(path);
        expect(response.status, path).to.equal(200);
        expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
        expect(response.headers.get('cache-control')).to.equal('no-store');
        expect(await response.json()).to.deep.include({ overall: cache.stats().overall });
      }
    });

    it('answer 200 for an unhealthy cache, so that its service is not taken down with it', async () => {
      cache.healthy = false;
      const response = await mounted.send('/cache/health');
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal(cache.health());
    });

    it('answer the probe for liveness with 200 whatever the state of the cache, and that for readiness by readiness alone', async () => {
      const statuses = async () => [
        (await mounted.send('/cache/health/live')).status,
        (await mounted.send('/cache/health/ready')).status,
      ];
      await start({ unhealthyStatus: 503 });
      cache.healthy = false;
      expect(await statuses(), 'an outage of Redis takes no instance away').to.deep.equal([200, 200]);
      cache.ready = false;
      expect(await statuses(), 'not connected yet, or closed').to.deep.equal([200, 503]);
      expect(await (await mounted.send('/cache/health/ready')).json()).to.deep.equal({ ready: false });
    });

    it('answer 503 for an unhealthy cache if that is asked for, and 200 for a healthy one', async () => {
      await start({ unhealthyStatus: 503 });
      expect((await mounted.send('/cache/health')).status).to.equal(200);
      cache.healthy = false;
      expect((await mounted.send('/cache/health')).status).to.equal(503);
    });

    it('give metrics in the type that the registry names', async () => {
      const response = await mounted.send('/cache/metrics');
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    });

    it('give the map as JSON, or as text of the format that is asked for', async () => {
      expect(await (await mounted.send('/cache/map')).json()).to.have.keys(
        'cache',
        'templates',
        'unreached',
        'computed',
      );
      const drawn = await mounted.send('/cache/map?format=mermaid');
      expect(drawn.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
      expect(await drawn.text()).to.equal('mermaid');
      expect((await mounted.send('/cache/map?format=png')).status).to.equal(400);
    });

    it('give the dashboard at the base path, with a policy that loads nothing from elsewhere', async () => {
      const response = await mounted.send('/cache');
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(response.headers.get('content-security-policy')).to.match(
        /^default-src 'none'; style-src 'sha256-/,
      );
      expect(await response.text()).to.match(/^<!doctype html>/);
    });

    it('show ids in the history to those who have the token, and templates to all', async () => {
      const open = await (await mounted.send('/cache/invalidations')).text();
      expect(open).to.include('order:<id>').and.not.include('secret');
      const all = await (await mounted.send('/cache/invalidations', { headers: AUTHORIZED })).text();
      expect(all).to.include('order:secret-42').and.include('customer:secret-7');
    });

    it('emit an event whose data stand in the query, as curl sends it', async () => {
      const query = '?event=signal.created&data={"providerId":"123"}';
      const response = await mounted.send(`/cache/invalidate${query}`, {
        method: 'POST',
        headers: AUTHORIZED,
      });
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({ acknowledged: true, swept: 0 });
      expect(cache.changes).to.deep.equal(['{"event":"signal.created","data":{"providerId":"123"}}']);
    });

    it('emit an event whose data stand in the body, with the reason', async () => {
      const data = { providerId: '123' };
      const response = await invalidate({ event: 'signal.created', data, reason: 'by hand' });
      expect(response.status).to.equal(200);
      expect(cache.changes).to.deep.equal([
        '{"event":"signal.created","data":{"providerId":"123"},"reason":"by hand"}',
      ]);
    });

    it('take the event from the query and its data from the body', async () => {
      await mounted.send('/cache/invalidate?event=signal.created', {
        method: 'POST',
        headers: JSON_BODY,
        body: '{"data":{"providerId":"123"}}',
      });
      expect(cache.changes).to.have.length(1);
    });

    it('invalidate keys, patterns and tags, in which a key reaches nothing but itself', async () => {
      const response = await invalidate({
        keys: ['price:BTC', 'odd:*', ['user:<id>', { id: 'a:*' }]],
        patterns: ['feed:*', ['provider:<id>:*', { id: '7' }]],
        tags: ['prices'],
        reason: 'import',
      });
      expect(await response.json()).to.deep.equal({ acknowledged: true, swept: 3 });
      expect(cache.changes.map((line) => JSON.parse(line))).to.deep.equal([
        {
          patterns: ['price:BTC', 'odd:%2A', 'user:a%3A%2A', 'feed:*', ['provider:<id>:*', { id: '7' }]],
          tags: ['prices'],
          reason: 'import',
        },
      ]);
    });

    it('clear the namespace', async () => {
      const response = await mounted.send('/cache/clear', { method: 'DELETE', headers: AUTHORIZED });
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({ acknowledged: true });
      expect(cache.changes).to.deep.equal(['clear']);
    });

    it('answer 202 for what Redis has not acknowledged', async () => {
      cache.acknowledged = false;
      const cleared = await mounted.send('/cache/clear', { method: 'DELETE', headers: AUTHORIZED });
      expect(cleared.status).to.equal(202);
      expect(await cleared.json()).to.deep.equal({ acknowledged: false });
      expect((await invalidate({ patterns: ['feed:*'] })).status).to.equal(202);
    });

    it('refuse to change anything without credentials, with 401 and a challenge', async () => {
      for (const authorization of [
        undefined,
        'Bearer',
        'Bearer ',
        'Bearer wrong',
        `Basic ${TOKEN}`,
        TOKEN,
        `Bearer ${TOKEN}x`,
      ]) {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
        const response = await mounted.send('/cache/clear', { method: 'DELETE', headers });
        expect(response.status, authorization).to.equal(401);
        expect(response.headers.get('www-authenticate')).to.equal('Bearer realm="cache"');
        expect(await errorCode(response)).to.equal('TIERCEL_HTTP_UNAUTHORIZED');
      }
      expect((await invalidate({ patterns: ['*'] }, { 'content-type': 'application/json' })).status).to.equal(
        401,
      );
      expect(cache.changes).to.deep.equal([]);
    });

    it('take the name of the scheme in any case, as HTTP has it', async () => {
      const headers = { authorization: `bearer ${TOKEN}` };
      expect((await mounted.send('/cache/clear', { method: 'DELETE', headers })).status).to.equal(200);
    });

    it('refuse every change with 403 if neither a token nor authorize was given', async () => {
      await start({});
      const response = await mounted.send('/cache/clear', { method: 'DELETE', headers: AUTHORIZED });
      expect(response.status).to.equal(403);
      expect(await errorCode(response)).to.equal('TIERCEL_HTTP_FORBIDDEN');
      expect((await invalidate({ patterns: ['*'] })).status).to.equal(403);
      expect(cache.changes).to.deep.equal([]);
    });

    it('refuse reading, too, if that is protected, except for the page, which holds nothing', async () => {
      await start({ token: TOKEN, protectReads: true });
      for (const path of ['stats', 'report', 'health', 'metrics', 'map', 'invalidations']) {
        expect((await mounted.send(`/cache/${path}`)).status, path).to.equal(401);
        expect((await mounted.send(`/cache/${path}`, { headers: AUTHORIZED })).status, path).to.equal(200);
      }
      expect((await mounted.send('/cache')).status).to.equal(200);
    });

    const badBodies: readonly (readonly [body: unknown, why: string])[] = [
      [{}, 'nothing to invalidate'],
      [[], 'a list for an object'],
      ['"text"', 'text for an object'],
      [{ event: 'signal.created', patterns: ['feed:*'] }, 'an event and patterns'],
      [{ event: '' }, 'an empty event'],
      [{ event: 7 }, 'an event that is no text'],
      [{ event: 'signal.created', data: [] }, 'data that are no object'],
      [{ data: { providerId: '123' } }, 'data without an event'],
      [{ patterns: [] }, 'an empty list'],
      [{ patterns: 'feed:*' }, 'text for a list'],
      [{ patterns: [''] }, 'an empty pattern'],
      [{ patterns: [['a', 'b']] }, 'values that are no object'],
      [{ keys: [7] }, 'a key that is no text'],
      [{ tags: ['a', 7] }, 'a tag that is no text'],
      [{ patterns: Array.from({ length: 1001 }, () => 'a') }, 'too many names'],
      [{ patterns: ['feed:*'], reason: 'x'.repeat(501) }, 'a reason that is too long'],
      [{ pattern: ['feed:*'] }, 'a field that does not exist'],
    ];
    for (const [body, why] of badBodies) {
      it(`answer 400 to a body with ${why}, and change nothing`, async () => {
        const response = await invalidate(body);
        expect(response.status).to.equal(400);
        expect(await errorCode(response)).to.equal('TIERCEL_HTTP_BAD_REQUEST');
        expect(cache.changes).to.deep.equal([]);
      });
    }

    const badQueries: Readonly<Record<string, string>> = {
      '?event=signal.created&data={"providerId"': 'TIERCEL_HTTP_BAD_REQUEST',
      '?event=signal.created&data="providerId":"123"': 'TIERCEL_HTTP_BAD_REQUEST',
      '?event=signal.created&data=[]': 'TIERCEL_HTTP_BAD_REQUEST',
      '?event=signal.created&event=signal.created': 'TIERCEL_HTTP_BAD_REQUEST',
      '?event=': 'TIERCEL_HTTP_BAD_REQUEST',
      '': 'TIERCEL_HTTP_BAD_REQUEST',
      '?event=signal.made&data={}': 'TIERCEL_UNKNOWN_EVENT',
      '?event=signal.created': 'TIERCEL_MISSING_VALUE',
    };
    for (const [query, code] of Object.entries(badQueries)) {
      it(`answer 400 with ${code} to the query '${query}'`, async () => {
        const response = await mounted.send(`/cache/invalidate${query}`, {
          method: 'POST',
          headers: AUTHORIZED,
        });
        expect(response.status).to.equal(400);
        expect(await errorCode(response)).to.equal(code);
        expect(cache.changes).to.deep.equal([]);
      });
    }

    it('answer 415 to everything that is not JSON, an empty form included: that is what a browser could send', async () => {
      for (const [type, body] of [
        ['application/x-www-form-urlencoded', ''],
        ['application/x-www-form-urlencoded', 'event=signal.created'],
        ['text/plain', '{"patterns":["feed:*"]}'],
        ['multipart/form-data; boundary=x', '--x--'],
        ['application/jsonp', '{}'],
      ] as const) {
        const response = await invalidate(body, { ...AUTHORIZED, 'content-type': type });
        expect(response.status, type).to.equal(415);
      }
      expect(cache.changes).to.deep.equal([]);
    });

    it('answer 413 to a body of more than 64 KiB, and take one of 64 KiB', async () => {
      const body = (bytes: number) => {
        const rest = bytes - '{"patterns":["feed:*"],"reason":""}'.length;
        return `${' '.repeat(rest)}{"patterns":["feed:*"],"reason":""}`;
      };
      const large = await invalidate(body(65_537));
      expect(large.status).to.equal(413);
      expect(await errorCode(large)).to.equal('TIERCEL_HTTP_TOO_LARGE');
      expect(cache.changes).to.deep.equal([]);
      expect((await invalidate(body(65_536))).status).to.equal(200);
    });

    it('answer 404 to what they do not have', async () => {
      for (const path of [
        '/cache/nothing',
        '/cache/stats/more',
        '/cache/Stats',
        '/cache//stats',
        '/cache/%73tats',
      ]) {
        const response = await mounted.send(path);
        expect(response.status, path).to.equal(404);
      }
    });

    it('answer 405 to other methods, and name those that are allowed', async () => {
      for (const [path, method, allow] of [
        ['/cache', 'POST', 'GET, HEAD, OPTIONS'],
        ['/cache/stats', 'DELETE', 'GET, HEAD, OPTIONS'],
        ['/cache/invalidate', 'GET', 'POST, OPTIONS'],
        ['/cache/invalidate', 'HEAD', 'POST, OPTIONS'],
        ['/cache/clear', 'POST', 'DELETE, OPTIONS'],
      ] as const) {
        const response = await mounted.send(path, { method, headers: AUTHORIZED });
        expect(response.status, `${method} ${path}`).to.equal(405);
        expect(response.headers.get('allow')).to.equal(allow);
      }
      expect(cache.changes).to.deep.equal([]);
    });

    it('answer OPTIONS with the methods, without credentials and without leave for other sites', async () => {
      const response = await mounted.send('/cache/clear', { method: 'OPTIONS' });
      expect(response.headers.get('allow')).to.equal('DELETE, OPTIONS');
      expect(response.headers.get('access-control-allow-origin')).to.equal(null);
      expect(await response.text()).to.equal('');
      expect(response.status).to.equal(204);
    });

    it('answer HEAD like GET, without the body', async () => {
      const [head, get] = [
        await mounted.send('/cache/stats', { method: 'HEAD' }),
        await mounted.send('/cache/stats'),
      ];
      expect(head.status).to.equal(200);
      expect(await head.text()).to.equal('');
      for (const header of ['content-type', 'content-length', 'cache-control']) {
        expect(head.headers.get(header), header).to.equal(get.headers.get(header));
      }
    });

    it('answer 500 without a word of what has happened, which onError is told', async () => {
      const told: unknown[] = [];
      await start({ token: TOKEN, protectReads: false, onError: (error) => told.push(error) });
      cache.fault = new Error('redis://user:secret@host');
      for (const path of ['stats', 'report', 'health', 'metrics', 'map']) {
        const response = await mounted.send(`/cache/${path}`);
        expect(response.status, path).to.equal(500);
        expect(await response.text()).to.equal(
          '{"error":{"code":"TIERCEL_HTTP_INTERNAL","message":"The request failed inside the server."}}\n',
        );
      }
      expect((await invalidate({ patterns: ['feed:*'] })).status).to.equal(500);
      expect(told).to.have.length(6);
      expect(told[0]).to.equal(cache.fault);
    });
  });
}
