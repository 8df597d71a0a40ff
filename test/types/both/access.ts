/** The types of `@UseCache`, `cached`, `asMethodDecorator` and `withoutCache`, in both decorator modes. */
import { asMethodDecorator } from '../../../src/decorators/as-method-decorator';
import { CacheInvalidate } from '../../../src/decorators/cache-invalidate';
import { Cacheable } from '../../../src/decorators/cacheable';
import { cached } from '../../../src/decorators/cached';
import { UseCache } from '../../../src/decorators/use-cache';
import { withoutCache } from '../../../src/engine/runtime/bypass';
import type { DecoratedCache } from '../../../src/registry/default-cache';
import { type Exactly, exactly } from './exactly';

@UseCache((self) => self['cache'])
export class Service {
  constructor(private readonly cache: DecoratedCache) {}

  @Cacheable('stats:<id>:<limit?>')
  async stats(id: string, limit?: number): Promise<{ count: number }> {
    return { count: limit ?? 0 };
  }

  sync(id: string): string {
    return id;
  }
}

// @ts-expect-error: the instance has no such property
@UseCache((self) => self.missing)
export class WithoutCache {}

declare const service: Service;

const stats = cached(service, 'stats');
exactly<Exactly<Parameters<typeof stats.key>, [id: string, limit?: number]>>();
exactly<Exactly<ReturnType<typeof stats.peek>, { count: number } | undefined>>();
exactly<Exactly<ReturnType<typeof stats.refresh>, Promise<{ count: number }>>>();
exactly<Exactly<ReturnType<typeof stats.uncached>, Promise<{ count: number }>>>();

// @ts-expect-error: no such method
cached(service, 'missing');

// @ts-expect-error: not an asynchronous method
cached(service, 'sync');

// @ts-expect-error: the key needs text
stats.key(7);

exactly<Exactly<typeof passed, MethodDecorator[]>>();
const passed = [
  asMethodDecorator(Cacheable('stats:<0>')),
  asMethodDecorator(CacheInvalidate(['stats:<0>'], { on: 'always' })),
];

exactly<Exactly<typeof within, Promise<number>>>();
const within = withoutCache(async () => 7);
