/** A user's program, compiled against the installed package: names come through, and `Register` reaches the decorators. */
import { Cacheable, createCache, defineCacheConfig } from 'tiercel';
import { createCacheHandler } from 'tiercel/http';

const config = defineCacheConfig({ ttl: { prices: 60 } });

declare module 'tiercel' {
  interface Register {
    config: typeof config;
  }
}

export class PriceService {
  @Cacheable('price:<0>', { ttl: 'prices' })
  async price(pair: string): Promise<number> {
    return pair.length;
  }

  // @ts-expect-error: the configuration has no preset of this name.
  @Cacheable('volume:<0>', { ttl: 'price' })
  async volume(pair: string): Promise<number> {
    return pair.length;
  }
}

export const cache = createCache(config);
export const handler = createCacheHandler(cache, { token: process.env['TOKEN'] });

// @ts-expect-error: not a status that an endpoint has.
createCacheHandler(cache, { unhealthyStatus: 500 });
