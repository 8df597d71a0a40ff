/** `TiercelModule` in real applications, over real HTTP, on both platforms of Nest. */
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  Post,
  VersioningType,
} from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createCache, type TiercelCache } from '../../src/create';
import { CacheInvalidate } from '../../src/decorators/cache-invalidate';
import { Cacheable } from '../../src/decorators/cacheable';
import { cacheToken, InjectCache, TIERCEL_CACHE, TiercelModule } from '../../src/nestjs/tiercel-module';
import { defaultCache } from '../../src/registry/default-cache';
import { errorCode } from '../ops/http/mounts';
import { Gate, sharedRedis } from '../support/nodes';
import { RedisServer } from '../support/redis-server';
import { moduleOf, PLATFORMS, type Platform, type Running, run } from './applications';

const TOKEN = 'a-token-of-the-test';
const POST = {
  method: 'POST',
  headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
  body: '{"patterns":["feed:*"]}',
};

let namespaces = 0;
const config = () => ({ namespace: `nest-${process.pid}-${++namespaces}`, patterns: ['feed:*'] });

@Injectable()
class PriceService {
  loads = 0;

  constructor(@InjectCache() readonly cache: TiercelCache) {}

  @Cacheable('price:<pair>')
  async price(pair: string): Promise<string> {
    this.loads += 1;
    return `${pair} ${this.loads}`;
  }
}

/** Lets in who sends the header; its answer needs something that is injected. */
@Injectable()
class Badges {
  readonly accepted = 'gold';
}

@Module({ providers: [Badges], exports: [Badges] })
class BadgeModule {}

@Injectable()
class BadgeGuard implements CanActivate {
  constructor(private readonly badges: Badges) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-badge'] === this.badges.accepted;
  }
}

for (const platform of Object.keys(PLATFORMS) as Platform[]) {
  describe(`TiercelModule on ${platform}`, () => {
    let running: Running | undefined;

    afterEach(async () => {
      await running?.close();
      running = undefined;
      expect(defaultCache(), 'a cache that an application has left behind').to.equal(undefined);
    });

    it('gives one cache to providers that inject it and to decorated methods', async () => {
      running = await run(platform, {
        imports: [TiercelModule.forRoot(config()), moduleOf({ providers: [PriceService] })],
      });
      const prices = running.app.get(PriceService, { strict: false });
      expect([await prices.price('BTC'), await prices.price('BTC')]).to.deep.equal(['BTC 1', 'BTC 1']);
      expect(prices.cache.peek('price:BTC')).to.equal('BTC 1');
      expect(running.app.get(TIERCEL_CACHE)).to.equal(prices.cache);
      expect(defaultCache()).to.equal(prices.cache);
    });

    it('has no endpoints unless they are asked for', async () => {
      running = await run(platform, { imports: [TiercelModule.forRoot(config())] });
      expect((await running.send('/cache/stats')).status).to.equal(404);
    });

    it('serves the endpoints, with the token for those that change', async () => {
      running = await run(platform, {
        imports: [TiercelModule.forRoot(config(), { http: { token: TOKEN, protectReads: false } })],
      });
      const page = await running.send('/cache');
      expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      for (const path of ['stats', 'report', 'health', 'metrics', 'invalidations']) {
        const response = await running.send(`/cache/${path}`);
        expect(response.status, path).to.equal(200);
        expect(response.headers.get('cache-control')).to.equal('no-store');
      }
      expect(await (await running.send('/cache/invalidate', POST)).json()).to.deep.equal({
        acknowledged: true,
        swept: 0,
      });
      const query = '?event=none&data={}';
      const unknown = await running.send(`/cache/invalidate${query}`, {
        method: 'POST',
        headers: { authorization: POST.headers.authorization },
      });
      expect(unknown.status).to.equal(400);
      expect(await errorCode(unknown)).to.equal('TIERCEL_UNKNOWN_EVENT');
      const wrong = await running.send('/cache/clear', { method: 'DELETE' });
      expect(wrong.status).to.equal(401);
      const method = await running.send('/cache/stats', { method: 'DELETE' });
      expect(method.status).to.equal(405);
      expect(method.headers.get('allow')).to.equal('GET, HEAD, OPTIONS');
      const head = await running.send('/cache/stats', { method: 'HEAD' });
      expect([head.status, await head.text()]).to.deep.equal([200, '']);
    });

    it('answers 403 and changes nothing without a token, although no guard refuses', async () => {
      running = await run(platform, { imports: [TiercelModule.forRoot(config(), { http: {} })] });
      expect((await running.send('/cache/invalidate', POST)).status).to.equal(403);
    });

    it('puts guards, which may inject from imported modules, before all endpoints', async () => {
      const http = { guards: [BadgeGuard], authorize: () => true };
      running = await run(platform, {
        imports: [TiercelModule.forRoot(config(), { imports: [BadgeModule], http })],
      });
      for (const path of ['', '/stats', '/invalidations']) {
        expect((await running.send(`/cache${path}`)).status, path).to.equal(403);
        expect(
          (await running.send(`/cache${path}`, { headers: { 'x-badge': 'gold' } })).status,
          path,
        ).to.equal(200);
      }
      expect((await running.send('/cache/clear', { method: 'DELETE' })).status).to.equal(403);
      const allowed = await running.send('/cache/clear', {
        method: 'DELETE',
        headers: { 'x-badge': 'gold' },
      });
      expect(allowed.status).to.equal(200);
    });

    it('serves them at another path, below a global prefix, whatever the version', async () => {
      const http = { path: 'internal/caching', token: TOKEN, protectReads: false };
      running = await run(platform, { imports: [TiercelModule.forRoot(config(), { http })] }, (app) =>
        app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      );
      expect((await running.send('/api/internal/caching')).status).to.equal(200);
      expect((await running.send('/api/internal/caching/stats')).status).to.equal(200);
      expect((await running.send('/api/internal/caching/invalidate', POST)).status).to.equal(200);
      expect((await running.send('/cache/stats')).status).to.equal(404);
    });

    it('takes configuration and options of the endpoints from what is injected', async () => {
      const settings = { provide: 'SETTINGS', useValue: { ...config(), token: TOKEN } };
      running = await run(platform, {
        imports: [
          TiercelModule.forRootAsync({
            imports: [moduleOf({ providers: [settings], exports: ['SETTINGS'] })],
            inject: ['SETTINGS'],
            useFactory: async ({ namespace }) => ({ namespace, patterns: ['feed:*'] }),
            http: { path: 'c', useFactory: ({ token }) => ({ token }) },
          }),
        ],
      });
      expect(running.app.get<TiercelCache>(TIERCEL_CACHE).namespace).to.equal(settings.useValue.namespace);
      expect((await running.send('/c/invalidate', POST)).status).to.equal(200);
    });

    it('takes static options of the endpoints beside a factory of the configuration, which may replace some', async () => {
      running = await run(platform, {
        imports: [
          TiercelModule.forRootAsync({
            name: 'other',
            useFactory: () => config(),
            http: {
              token: 'replaced-token-of-the-test',
              authorize: () => true,
              useFactory: () => ({ token: TOKEN }),
            },
          }),
        ],
      });
      expect((await running.send('/cache/other/stats')).status).to.equal(200);
      expect(
        (
          await running.send('/cache/other/invalidate', {
            ...POST,
            headers: { 'content-type': 'application/json' },
          })
        ).status,
      ).to.equal(200);
    });

    it('can be kept to the modules that import it', async () => {
      const tiercel = TiercelModule.forRoot(config(), { global: false });
      const outside = await run(platform, {
        imports: [tiercel, moduleOf({ providers: [PriceService] })],
      }).catch((error: Error) => error);
      expect(outside).to.be.instanceOf(Error).with.property('message').that.includes('tiercel.cache');
      await defaultCacheClosed();
      running = await run(platform, {
        imports: [moduleOf({ imports: [tiercel], providers: [PriceService] })],
      });
    });

    it('does not start with mistakes in the configuration or in the options of the endpoints', async () => {
      for (const module of [
        TiercelModule.forRoot({ l1: { maxSize: -1 } }),
        TiercelModule.forRoot(config(), { http: { token: '' } }),
      ]) {
        const failure = await run(platform, { imports: [module] }).catch((error: unknown) => error);
        expect(failure).to.have.property('code', 'TIERCEL_CONFIG');
        expect(defaultCache()).to.equal(undefined);
      }
    });

    it('stays out of the documentation of the API', async () => {
      running = await run(platform, { imports: [TiercelModule.forRoot(config(), { http: {} })] });
      const { paths } = SwaggerModule.createDocument(running.app, new DocumentBuilder().build());
      expect(Object.keys(paths)).to.deep.equal([]);
    });

    it('closes the cache after the last request: one that is under way still invalidates', async () => {
      const { port } = await sharedRedis();
      const gate = new Gate<void>();

      @Controller('signals')
      class SignalController {
        @Post()
        @CacheInvalidate(['feed:*'])
        async publish(): Promise<string> {
          await gate.load();
          return 'published';
        }
      }

      const tiercel = TiercelModule.forRoot({ ...config(), l2: { host: '127.0.0.1', port } });
      running = await run(platform, { imports: [tiercel], controllers: [SignalController] });
      const cache = running.app.get<TiercelCache>(TIERCEL_CACHE);
      const answer = running.send('/signals', { method: 'POST', headers: { connection: 'close' } });
      await gate.started;
      const closing = running.app.close();
      await new Promise((resolve) => setImmediate(resolve));
      gate.end();
      expect(await (await answer).text()).to.equal('published');
      await closing;
      expect(cache.invalidations.history().at(-1)).to.deep.include({
        patterns: ['feed:*'],
        acknowledged: true,
      });
      expect((await cache.ready()).l2, 'the control: it is closed now').to.equal('down');
      running = undefined;
    });
  });
}

describe('TiercelModule in a testing module', () => {
  /** Connections to a server of this test's own, besides the one that asks. */
  const connectionsTo = async (client: Redis): Promise<number> =>
    String(await client.client('LIST'))
      .trim()
      .split('\n').length - 1;

  it('connects when the module initializes, so a compile() that fails leaves no connection that keeps the process alive', async () => {
    const server = await RedisServer.start();
    const client = new Redis(server.port, '127.0.0.1');
    const tiercel = TiercelModule.forRoot({ ...config(), l2: { host: '127.0.0.1', port: server.port } });
    const secret = {
      provide: 'secret',
      useFactory: async () => {
        // Enough round trips for a connection that was begun before to be seen by the server.
        for (let ping = 0; ping < 50; ping += 1) await client.ping();
        throw new Error('no secret');
      },
    };
    const failing = Test.createTestingModule({ imports: [tiercel], providers: [secret] }).compile();
    expect(await failing.catch((error: Error) => error.message)).to.equal('no secret');
    expect(await connectionsTo(client)).to.equal(0);
    await defaultCacheClosed();

    const control = await Test.createTestingModule({ imports: [tiercel] }).compile();
    expect(await connectionsTo(client)).to.equal(0);
    await control.init();
    expect((await control.get<TiercelCache>(TIERCEL_CACHE).ready()).l2).to.equal('ready');
    expect(await connectionsTo(client)).to.be.greaterThan(0);
    await control.close();
    client.disconnect();
    await server.stop();
  });

  it('gives each named cache to providers that inject it by name, and leaves decorated methods the one without a name', async () => {
    @Injectable()
    class Reports {
      constructor(
        @InjectCache() readonly cache: TiercelCache,
        @InjectCache('reports') readonly reports: TiercelCache,
      ) {}
    }
    const [first, second] = [config(), config()];
    const module = await Test.createTestingModule({
      imports: [TiercelModule.forRoot(first), TiercelModule.forRoot(second, { name: 'reports' })],
      providers: [Reports],
    }).compile();
    await module.init();
    const { cache, reports } = module.get(Reports);
    expect([cache.namespace, reports.namespace]).to.deep.equal([first.namespace, second.namespace]);
    expect(module.get(cacheToken('reports'))).to.equal(reports);
    expect(defaultCache()).to.equal(cache);
    await module.close();
    expect([await cache.set('a', 1), await reports.set('a', 1)]).to.deep.equal([false, false]);
  });

  it('can have its cache replaced, and closes what it was given', async () => {
    const mine = createCache(config(), { default: false });
    const module = await Test.createTestingModule({
      imports: [TiercelModule.forRoot(config())],
      providers: [PriceService],
    })
      .overrideProvider(TIERCEL_CACHE)
      .useValue(mine)
      .compile();
    expect(module.get(PriceService).cache).to.equal(mine);
    expect(defaultCache()).to.equal(undefined);
    await module.close();
    expect(await mine.set('a', 1)).to.equal(false);
  });
});

/** An application that fails to start leaves its cache to the process, which ends. In a test it does not. */
async function defaultCacheClosed(): Promise<void> {
  await (defaultCache() as TiercelCache | undefined)?.close();
}
