/** What `@CacheDefaults` accepts. */
import { Cacheable, CacheDefaults, type TiercelCache } from '../../../src';

@CacheDefaults({ prefix: 'pet', ttl: '5m', tags: ['pets'], tiers: 'l1', staleFor: 7 })
export class Pets {
  @Cacheable('<id>:card')
  async card(id: string): Promise<string> {
    return id;
  }
}

@CacheDefaults({ ttl: { l1: 1, l2: '2s' }, cache: (self: Owned) => self.cache })
export class Owned {
  constructor(readonly cache: TiercelCache) {}
}

// @ts-expect-error an unknown option
CacheDefaults({ prefx: 'pet' });
// @ts-expect-error a number is no prefix
CacheDefaults({ prefix: 7 });
// @ts-expect-error another tier
CacheDefaults({ tiers: 'l3' });
// @ts-expect-error tags of the class cannot be a function
CacheDefaults({ tags: () => ['pets'] });

export class OnMethod {
  // @ts-expect-error it stands on a method
  @CacheDefaults({ prefix: 'pet' })
  async card(id: string): Promise<string> {
    return id;
  }
}
