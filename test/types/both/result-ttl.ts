/** What `ttl` accepts as a function: the arguments and the awaited result of the method, and nothing but a `Ttl` back. */
import { Cacheable, CachePut, type TiercelCache } from '../../../src';

declare const cache: TiercelCache;

export class Rates {
  readonly seconds = 5;

  @Cacheable('rate:<pair>', {
    ttl(args, result) {
      const pair: string = args[0];
      const open: boolean = result.open;
      return open && pair !== '' ? this.seconds : { l1: 1, l2: '1h' };
    },
  })
  async rate(pair: string): Promise<{ open: boolean }> {
    return { open: pair !== '' };
  }

  @CachePut('rate:<pair>', { ttl: (_args, result) => (result.open ? '5m' : 0) })
  async put(pair: string): Promise<{ open: boolean }> {
    return { open: pair !== '' };
  }

  // @ts-expect-error a boolean is no ttl
  @Cacheable('rate:<pair>:wrong', { ttl: (_args, result) => result.open })
  async wrong(pair: string): Promise<{ open: boolean }> {
    return { open: pair !== '' };
  }

  // @ts-expect-error the method has one argument
  @Cacheable('rate:<pair>:other', { ttl: (args) => args[1] })
  async other(pair: string): Promise<{ open: boolean }> {
    return { open: pair !== '' };
  }
}

void cache.getOrSet('a', async () => ({ seconds: 5 }), { ttl: ({ seconds }) => seconds });
void cache.put('a', async () => ({ seconds: 5 }), { ttl: ({ seconds }) => seconds });
void cache.set('a', { seconds: 5 }, { ttl: ({ seconds }) => seconds });
void cache.setMany([['a', { seconds: 5 }]], { ttl: (key, { seconds }) => seconds + key.length });
void cache.getOrSetMany(['a'], async () => new Map([['a', { seconds: 5 }]]), {
  ttl: (key, { seconds }) => seconds + key.length,
});
cache.strategy({ key: 'a:<id>', ttl: (value: { seconds: number }) => value.seconds });
// @ts-expect-error a date is no ttl
void cache.set('a', 1, { ttl: () => new Date() });
