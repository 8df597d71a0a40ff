/** What the compiler infers and refuses for `@CachePut` and `@CacheInvalidate`, in both decorator modes. */
import { CacheInvalidate } from '../../../src/decorators/cache-invalidate';
import { CachePut } from '../../../src/decorators/cache-put';
import { Cacheable } from '../../../src/decorators/cacheable';
import { type Exactly, exactly } from './exactly';

interface User {
  readonly id: string;
  readonly name: string;
}

declare const user: User;

export class Inference {
  readonly limit = 1;

  @CachePut('user:<result.id>', { created: true })
  @CachePut('user:<id>', {
    ttl: 60,
    when(args) {
      exactly<Exactly<typeof args, [id: string, patch: Partial<User>]>>();
      return this.limit > 0;
    },
    unless: (_args, result) => result.name === '',
    value(args, result) {
      exactly<Exactly<typeof args, [id: string, patch: Partial<User>]>>();
      exactly<Exactly<typeof result, User>>();
      const limit: 1 = this.limit;
      return result.name.slice(limit);
    },
  })
  async put(id: string, patch: Partial<User>): Promise<User> {
    return { ...user, ...patch };
  }

  @CacheInvalidate(['user:<id>', 'users:*', 'name:<result.name>', 'first:<0>', '*:<id>'], {
    when: ([id]) => id !== '',
    on: 'success',
    timing: 'after',
    params: ['id'],
  })
  async invalidate(id: string): Promise<User> {
    return user;
  }

  @CacheInvalidate(function (args, result) {
    exactly<Exactly<typeof args, [ids: readonly string[]]>>();
    exactly<Exactly<typeof result, User>>();
    const limit: 1 = this.limit;
    return args[0].slice(limit).map((id) => `user:${id}`);
  })
  async invalidateMany(ids: readonly string[]): Promise<User> {
    return user;
  }

  @CacheInvalidate(['user:<a>:<b?>'], { vars: (id) => ({ a: id, b: null }) })
  async vars(id: string): Promise<void> {}

  @CacheInvalidate(dynamicPatterns())
  async dynamic(id: string): Promise<void> {}

  @CacheInvalidate(['seen:<id>'])
  @Cacheable('user:<id>')
  async stacked(id: string): Promise<User> {
    return user;
  }
}

declare function dynamicPatterns(): readonly string[];

export class Refusals {
  // @ts-expect-error: there is no second argument
  @CachePut('user:<1>')
  async putPosition(id: string): Promise<void> {}

  // @ts-expect-error: the result has no such property
  @CachePut('user:<id>', { value: (_args, result) => result.missing })
  async putValue(id: string): Promise<User> {
    return user;
  }

  // @ts-expect-error: whether it creates is a boolean
  @CachePut('user:<result.id>', { created: 'yes' })
  async putCreated(): Promise<User> {
    return user;
  }

  // @ts-expect-error: a synchronous method
  @CachePut('user:<id>')
  putSync(id: string): User {
    return user;
  }

  // @ts-expect-error: one of the patterns asks for an argument that does not exist
  @CacheInvalidate(['user:<id>', 'users:<1>'])
  async invalidatePosition(id: string): Promise<void> {}

  // @ts-expect-error: a pattern without brackets around it
  @CacheInvalidate('user:<id>')
  async invalidateText(id: string): Promise<void> {}

  @CacheInvalidate(['user:<id>'], { timing: 'around' })
  async invalidateAround(id: string): Promise<void> {}

  // @ts-expect-error: an option of the other decorators
  @CacheInvalidate(['user:<id>'], { ttl: 5 })
  async invalidateTtl(id: string): Promise<void> {}

  // @ts-expect-error: the function returns one key instead of a list
  @CacheInvalidate((args) => args[0])
  async invalidateOne(id: string): Promise<void> {}

  // @ts-expect-error: a synchronous method
  @CacheInvalidate(['user:<id>'])
  invalidateSync(id: string): void {}

  // @ts-expect-error: a field
  @CacheInvalidate(['user'])
  field = async () => '';
}
