/**
 * Decorated methods in a real Nest application: on providers, and on controllers above and below the route's decorator,
 * where guards, pipes, interceptors and Swagger must find what Nest has written onto the method.
 */
import {
  applyDecorators,
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Inject,
  Injectable,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Post,
  Query,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiProperty, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { expect } from 'chai';
import { map } from 'rxjs';
import type { TiercelCache } from '../../src/create';
import { asMethodDecorator } from '../../src/decorators/as-method-decorator';
import { CacheInvalidate } from '../../src/decorators/cache-invalidate';
import { Cacheable } from '../../src/decorators/cacheable';
import { InjectCache, TiercelModule } from '../../src/nestjs/tiercel-module';
import { PLATFORMS, type Platform, type Running, run } from './applications';

class Candle {
  @ApiProperty()
  id!: number;
}

@Injectable()
class MarketService {
  loads = 0;
  readonly closed: number[] = [];

  @Cacheable('candle:<id>:<scale?>')
  async candle(id: number, scale?: string): Promise<{ id: number; scale: string; load: number }> {
    this.loads += 1;
    return { id, scale: scale ?? 'none', load: this.loads };
  }

  @CacheInvalidate(['candle:<id>:*'])
  async close(id: number): Promise<void> {
    this.closed.push(id);
  }
}

/** Reads what `@Roles` has written onto the handler, as guards do. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string | undefined>('role', context.getHandler());
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return role === undefined || headers['x-role'] === role;
  }
}

@Injectable()
class Wrapped implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value) => ({ handler: context.getHandler().name, value })));
  }
}

const Documented = (summary: string) =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiOkResponse({ type: Candle }),
    asMethodDecorator(Cacheable('composed:<0>')),
  );

@Controller('market')
@UseGuards(RolesGuard)
class MarketController {
  runs = 0;

  constructor(
    private readonly market: MarketService,
    @InjectCache() readonly cache: TiercelCache,
  ) {}

  @Cacheable('above:<id>:<scale?>')
  @Get('above/:id')
  @UseInterceptors(Wrapped)
  @SetMetadata('role', 'trader')
  @ApiOperation({ summary: 'Cached above the route' })
  async above(@Param('id', ParseIntPipe) id: number, @Query('scale') scale?: string) {
    this.runs += 1;
    return { ...(await this.market.candle(id, scale)), run: this.runs };
  }

  @Get('below/:id')
  @UseInterceptors(Wrapped)
  @SetMetadata('role', 'trader')
  @ApiOperation({ summary: 'Cached below the route' })
  @Cacheable('below:<id>:<scale?>')
  async below(@Param('id', ParseIntPipe) id: number, @Query('scale') scale?: string) {
    this.runs += 1;
    return { ...(await this.market.candle(id, scale)), run: this.runs };
  }

  @Get('composed/:id')
  @Documented('Cached within applyDecorators')
  async composed(@Param('id') id: string) {
    this.runs += 1;
    return { id, run: this.runs };
  }

  @Post(':id/close')
  @HttpCode(204)
  @CacheInvalidate(['above:<id>:*', 'below:<id>:*'])
  async close(@Param('id', ParseIntPipe) id: number): Promise<void> {
    await this.market.close(id);
  }
}

const TRADER = { headers: { 'x-role': 'trader' } };

for (const platform of Object.keys(PLATFORMS) as Platform[]) {
  describe(`decorated methods of a Nest application on ${platform}`, () => {
    let running: Running;

    before(async () => {
      running = await run(platform, {
        imports: [
          TiercelModule.forRoot({ namespace: `nest-decorators-${platform}`, patterns: ['above:<id>:*'] }),
        ],
        controllers: [MarketController],
        providers: [MarketService],
      });
    });

    after(() => running.close());

    afterEach(() => running.app.get(MarketController).cache.clear());

    const get = async (path: string) =>
      (await running.send(`/market/${path}`, TRADER)).json() as Promise<any>;

    for (const place of ['above', 'below']) {
      it(`cache a route's answers by its parameters, declared ${place} the route's decorator`, async () => {
        const first = await get(`${place}/7?scale=1h`);
        expect(first).to.deep.include({ handler: place });
        expect(first.value).to.deep.include({ id: 7, scale: '1h' });
        expect(await get(`${place}/7?scale=1h`)).to.deep.equal(first);
        expect((await get(`${place}/7?scale=1d`)).value.run).to.equal(first.value.run + 1);
        expect((await get(`${place}/7`)).value.run).to.equal(first.value.run + 2);
      });

      it(`leave guards, pipes and interceptors in force, declared ${place} the route's decorator`, async () => {
        expect((await running.send(`/market/${place}/7`)).status, 'the guard refuses').to.equal(403);
        expect((await running.send(`/market/${place}/seven`, TRADER)).status, 'the pipe refuses').to.equal(
          400,
        );
        const { value } = await get(`${place}/7`);
        expect(value.id, 'the pipe has made a number of it').to.equal(7);
        expect((await running.send(`/market/${place}/7`)).status, 'refused although it is cached').to.equal(
          403,
        );
      });

      it(`are invalidated by another route, declared ${place} the route's decorator`, async () => {
        const first = await get(`${place}/8`);
        const closed = await running.send('/market/8/close', { method: 'POST' });
        expect(closed.status).to.equal(204);
        expect((await get(`${place}/8`)).value.run).to.equal(first.value.run + 1);
      });
    }

    it('work within applyDecorators', async () => {
      const first = await get('composed/7');
      expect(await get('composed/7')).to.deep.equal(first);
      expect((await get('composed/8')).run).to.equal(first.run + 1);
    });

    it('keep what Swagger knows of a route: its summary, its parameters and the type of its answer', () => {
      const { paths } = SwaggerModule.createDocument(running.app, new DocumentBuilder().build());
      for (const place of ['above', 'below']) {
        const operation = paths[`/market/${place}/{id}`]?.get;
        expect(operation?.summary).to.equal(`Cached ${place} the route`);
        const parameters = operation?.parameters?.map((parameter) =>
          'name' in parameter ? parameter : undefined,
        );
        expect(
          parameters?.map((parameter) => [parameter?.name, parameter?.in, parameter?.schema]),
        ).to.deep.equal([
          ['id', 'path', { type: 'number' }],
          ['scale', 'query', { type: 'string' }],
        ]);
      }
      const composed = paths['/market/composed/{id}']?.get;
      expect(composed?.summary).to.equal('Cached within applyDecorators');
      expect(JSON.stringify(composed?.responses['200'])).to.include('#/components/schemas/Candle');
    });

    it('are counted under the names of their classes', async () => {
      await get('above/9');
      const { methods } = running.app.get(MarketController).cache.stats();
      expect(methods).to.include.keys('MarketController.above', 'MarketService.candle');
    });
  });
}
