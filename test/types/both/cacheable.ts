/** What the compiler infers and refuses for `@Cacheable`, in both decorator modes. Compiled, never run. */
import { Cacheable, type CacheableOptions } from '../../../src/decorators/cacheable';
import type { DecoratedCache } from '../../../src/registry/default-cache';
import { type Exactly, exactly } from './exactly';

interface Stats {
  readonly id: string;
  readonly count: number;
}

declare const cache: DecoratedCache;

export class Inference<Tenant extends string> {
  readonly cache = cache;
  protected readonly tenant!: Tenant;

  @Cacheable('stats:<id>:<limit?>:<0>:<1>:<this.tenant>', {
    ttl: '5m',
    nullTtl: 10,
    version: 2,
    tiers: 'both',
  })
  async template(id: string, limit?: number): Promise<Stats> {
    return { id, count: limit ?? 0 };
  }

  @Cacheable(function (id, limit) {
    exactly<Exactly<typeof id, string>>();
    exactly<Exactly<typeof limit, number | undefined>>();
    const found: Exactly<typeof this.cache, DecoratedCache> = true;
    return `stats:${this.cache === cache}:${found}:${id}:${limit}`;
  })
  async keyFunction(id: string, limit?: number): Promise<Stats> {
    return { id, count: limit ?? 0 };
  }

  @Cacheable('stats:<id>', {
    when(args) {
      exactly<Exactly<typeof args, [id: string, limit?: number]>>();
      return args[0] !== '' && this.cache === cache;
    },
    unless: (args, result) => {
      exactly<Exactly<typeof args, [id: string, limit?: number]>>();
      exactly<Exactly<typeof result, Stats>>();
      return result.count === 0;
    },
    params: ['id', 'limit'],
    name: 'stats',
    cache: (self) => self.cache,
  })
  async callbacks(id: string, limit?: number): Promise<Stats> {
    return { id, count: limit ?? 0 };
  }

  @Cacheable('stats:<kind>:<page?>:<filter.id>:<whole|hash>', {
    vars: (filter, page) => {
      exactly<Exactly<typeof filter, Stats>>();
      return { kind: filter.count, page, filter, whole: filter };
    },
  })
  async vars(filter: Stats, page?: string): Promise<void> {}

  @Cacheable('generic:<0.id>', { unless: (args, result) => result.id === args[0].id })
  async generic<T extends { id: string }>(value: T): Promise<T> {
    return value;
  }

  @Cacheable('rest:<0>:<17>', { when: (args) => args.length > 2 })
  async rest(...ids: string[]): Promise<void> {}

  @Cacheable('destructured:<0.id>')
  async destructured({ id }: Stats): Promise<string> {
    return id;
  }

  overloaded(id: string): Promise<string>;
  overloaded(id: number): Promise<number>;
  @Cacheable('overloaded:<id>', { when: (args) => args.length === 1 })
  async overloaded(id: string | number): Promise<string | number> {
    return id;
  }

  @Cacheable('private:<id>')
  private async hidden(id: string): Promise<string> {
    return id;
  }

  @Cacheable('static:<id>', { when: ([id]) => id !== '' })
  static async find(id: string): Promise<string> {
    return id;
  }

  @Cacheable(dynamicTemplate())
  async dynamic(id: string): Promise<string> {
    return id;
  }

  @Cacheable('option:<id>', { cache })
  async givenCache(id: string): Promise<string> {
    return id;
  }

  /** Options typed beforehand lose inference but stay usable. */
  @Cacheable('prepared:<id>', prepared)
  async prepared(id: string): Promise<string> {
    return id;
  }
}

declare function dynamicTemplate(): string;
declare const prepared: CacheableOptions<any, any>;

export class Refusals {
  // @ts-expect-error: there is no second argument
  @Cacheable('stats:<1>')
  async position(id: string): Promise<void> {}

  // @ts-expect-error: nor with a path and a filter
  @Cacheable('stats:<0>:<2.id?|lower>')
  async positionWithPath(id: string, other: string): Promise<void> {}

  // @ts-expect-error: the key is needed before there is a result
  @Cacheable('stats:<result.id>')
  async result(id: string): Promise<Stats> {
    return { id, count: 1 };
  }

  // @ts-expect-error: a synchronous method
  @Cacheable('stats:<id>')
  sync(id: string): string {
    return id;
  }

  // @ts-expect-error: a getter
  @Cacheable('stats')
  get getter(): Promise<string> {
    return Promise.resolve('');
  }

  // @ts-expect-error: a field
  @Cacheable('stats')
  field = async () => '';

  // @ts-expect-error: an option that does not exist
  @Cacheable('stats', { tll: 5 })
  async unknownOption(): Promise<void> {}

  // @ts-expect-error: an option of a later decorator
  @Cacheable('stats', { timing: 'after' })
  async foreignOption(): Promise<void> {}

  // @ts-expect-error: a tier that does not exist
  @Cacheable('stats', { tiers: 'l3' })
  async tier(): Promise<void> {}

  // @ts-expect-error: one name for two parameters
  @Cacheable('stats:<id>', { params: ['id'] })
  async params(id: string, other: string): Promise<void> {}

  // @ts-expect-error: vars leaves out a name
  @Cacheable('stats:<id>:<other>', { vars: (id) => ({ id }) })
  async incompleteVars(id: string): Promise<void> {}

  // @ts-expect-error: vars gives an object where text is needed
  @Cacheable('stats:<id>', { vars: (id) => ({ id: { id } }) })
  async objectInVars(id: string): Promise<void> {}

  // @ts-expect-error: the key function takes more than the method does
  @Cacheable((id: string, more: string) => `${id}${more}`)
  async tooManyParameters(id: string): Promise<void> {}

  // @ts-expect-error: the key function takes something else than the method does
  @Cacheable((id: number) => `${id}`)
  async otherParameters(id: string): Promise<void> {}

  // @ts-expect-error: the key function returns no text
  @Cacheable((id) => id.length)
  async keyOfNumber(id: string): Promise<void> {}

  // @ts-expect-error: the result has no such property
  @Cacheable('stats', { unless: (_args, result) => result.missing })
  async resultProperty(): Promise<Stats> {
    return { id: '', count: 1 };
  }

  // @ts-expect-error: the instance has no such property
  @Cacheable('stats', { cache: (self) => self.missing })
  async instanceProperty(): Promise<void> {}

  // @ts-expect-error: not a cache
  @Cacheable('stats', { cache: 'main' })
  async notACache(): Promise<void> {}
}
