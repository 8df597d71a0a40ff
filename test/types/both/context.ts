/** The context is nothing that a caller gives, in both decorator modes. */
import { Cacheable, CacheableMany, CachePut, defineCacheConfig, type TiercelCache } from '../../../src';

export const config = defineCacheConfig({ context: () => ({ tenant: 'a' }), requireContext: ['tenant'] });
// @ts-expect-error: a function
defineCacheConfig({ context: { tenant: 'a' } });

export class Orders {
  @Cacheable('order:<ctx.tenant>:<0>', { shared: false, vars: (id) => ({ id }) })
  async order(id: string): Promise<string> {
    return id;
  }

  @CacheableMany('order:<ctx.tenant>:<ids[]>', { shared: true })
  async orders(ids: readonly string[]): Promise<string[]> {
    return [...ids];
  }

  // @ts-expect-error: a boolean
  @CachePut('order:<id>', { shared: 'yes' })
  async put(id: string): Promise<string> {
    return id;
  }
}

declare const cache: TiercelCache;

void cache.strategy({ key: 'order:<ctx.tenant>:<id>' }).get({ id: '1' });
// @ts-expect-error: the id is missing
void cache.strategy({ key: 'order:<ctx.tenant>:<id>' }).get({});
