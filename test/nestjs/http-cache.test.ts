/** Whole responses, over real HTTP on both platforms of Nest: what is served again, to whom, and what never is. */
import {
  Controller,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { expect } from 'chai';
import type { TiercelCache } from '../../src';
import {
  HttpCache,
  HttpCacheInterceptor,
  TIERCEL_CACHE,
  TiercelModule,
} from '../../src/nestjs/tiercel-module';
import { Gate } from '../support/nodes';
import { PLATFORMS, type Platform, type Running, run } from './applications';

let runs = 0;
let gate: Gate<void> | undefined;

interface Reply {
  header(name: string, value: string): unknown;
}

@Controller('books')
@UseInterceptors(HttpCacheInterceptor)
class BooksController {
  @Get(':id')
  @HttpCache({ ttl: '1m', vary: ['accept-language'], tags: ['book:<id>'] })
  @Header('x-static', 'yes')
  async find(@Param('id') id: string, @Query() query: object, @Res({ passthrough: true }) reply: Reply) {
    runs += 1;
    reply.header('x-run', String(runs));
    return { id, query, run: runs };
  }

  @Get('mine/:id')
  @HttpCache({ private: true })
  async mine(@Param('id') id: string) {
    runs += 1;
    return { id, run: runs };
  }

  @Get('cookie/:id')
  @HttpCache()
  async cookie(@Res({ passthrough: true }) reply: Reply) {
    runs += 1;
    const run = runs;
    await gate?.load();
    reply.header('set-cookie', `session=${run}`);
    return { run };
  }

  @Get('file/:id')
  @HttpCache()
  async file(): Promise<StreamableFile> {
    runs += 1;
    return new StreamableFile(Buffer.from(`{"run":${runs}}`));
  }

  @Get('plain/:id')
  async plain() {
    runs += 1;
    return { run: runs };
  }

  @Get('failing/:id')
  @HttpCache()
  async failing() {
    runs += 1;
    throw new Error('no');
  }

  @Get('coded/:id')
  @HttpCode(200)
  @HttpCache()
  async coded() {
    return 'text';
  }

  @Post(':id')
  @HttpCache()
  async change(): Promise<object> {
    runs += 1;
    return { run: runs };
  }
}

for (const platform of Object.keys(PLATFORMS) as Platform[]) {
  describe(`HttpCacheInterceptor on ${platform}`, () => {
    let running: Running;
    let cache: TiercelCache;
    let count = 0;

    beforeEach(async () => {
      runs = 0;
      gate = undefined;
      running = await run(platform, {
        imports: [TiercelModule.forRoot({ namespace: `http-${process.pid}-${platform}-${++count}` })],
        controllers: [BooksController],
      });
      cache = running.app.get<TiercelCache>(TIERCEL_CACHE);
    });
    afterEach(() => running.close());

    const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
      const response = await running.send(path, { headers, method });
      const text = await response.text();
      const head = (name: string) => response.headers.get(name);
      return { status: response.status, text, head, run: /"run":(\d+)/.exec(text)?.[1] };
    };

    it('serves a response again, with its headers, its age and its status in the cache', async () => {
      const first = await get('/books/1?b=2&a=1');
      expect(first.head('cache-status')).to.equal('tiercel; fwd=miss; stored');
      expect(first.head('cache-control')).to.equal('public, max-age=60');
      const second = await get('/books/1?a=1&b=2');
      expect(second.text).to.equal(first.text);
      expect(second.head('cache-status')).to.match(/^tiercel; hit; ttl=\d+$/);
      expect([second.head('x-run'), second.head('x-static')]).to.deep.equal(['1', 'yes']);
      expect(second.head('etag')).to.equal(first.head('etag'));
      expect(second.head('vary')?.toLowerCase()).to.contain('accept-language');
      expect((await get('/books/1?a=1')).run).to.equal('2');
      expect((await get('/books/2?a=1&b=2')).run).to.equal('3');
      expect((await get('/books/1?a=1&b=2', { 'accept-language': 'de' })).run).to.equal('4');
    });

    it('answers 304 to who has the response already, and the body to who has another', async () => {
      const etag = (await get('/books/1')).head('etag')!;
      for (const header of [etag, `"x", ${etag}`, '*']) {
        const answer = await get('/books/1', { 'if-none-match': header });
        expect([answer.status, answer.text]).to.deep.equal([304, '']);
        expect(answer.head('etag')).to.equal(etag);
      }
      expect((await get('/books/1', { 'if-none-match': '"other"' })).status).to.equal(200);
      const coded = (await get('/books/coded/1')).head('etag')!;
      expect((await get('/books/coded/1', { 'if-none-match': coded })).text).to.be.oneOf(['text', '']);
    });

    it('is invalidated by tag, as all other entries', async () => {
      await get('/books/1');
      await cache.invalidate({ tags: ['book:1'] });
      expect((await get('/books/1')).run).to.equal('2');
    });

    it('shares nothing with Authorization, but with private: true keeps it apart and says so', async () => {
      const ada = { authorization: 'Bearer ada' };
      expect((await get('/books/1', ada)).head('cache-status')).to.equal('tiercel; fwd=bypass');
      expect((await get('/books/1', ada)).run).to.equal('2');
      const first = await get('/books/mine/1', ada);
      expect(first.head('cache-control')).to.match(/^private, /);
      expect((await get('/books/mine/1', ada)).run).to.equal(first.run);
      expect((await get('/books/mine/1', { authorization: 'Bearer bob' })).run).not.to.equal(first.run);
      expect((await get('/books/mine/1')).run).not.to.equal(first.run);
      expect(JSON.stringify(cache.invalidations.history())).not.to.contain('ada');
    });

    it('never stores a response with a cookie, nor gives it to a request that waits', async () => {
      gate = new Gate<void>();
      const requests = [get('/books/cookie/1'), get('/books/cookie/1')];
      await gate.started;
      gate.end(undefined);
      const [one, other] = await Promise.all(requests);
      expect(one?.head('set-cookie')).not.to.equal(other?.head('set-cookie'));
      expect(one?.run).not.to.equal(other?.run);
      expect((await get('/books/cookie/1')).run).to.equal('3');
    });

    it('sends a file to each request, and stores none', async () => {
      expect([(await get('/books/file/1')).run, (await get('/books/file/1')).run]).to.deep.equal(['1', '2']);
    });

    it('leaves alone other methods, routes without the decorator, and failures', async () => {
      const posted = await get('/books/1', {}, 'POST');
      expect(posted.head('cache-status')).to.equal('tiercel; fwd=method');
      expect((await get('/books/1', {}, 'POST')).run).to.equal('2');
      expect((await get('/books/plain/1')).head('cache-status')).to.equal(null);
      expect((await get('/books/plain/1')).run).to.equal('4');
      for (const expected of [5, 6]) {
        expect((await get('/books/failing/1')).status).to.equal(500);
        expect(runs).to.equal(expected);
      }
    });
  });
}
