/** What the compiler infers and refuses for `@CacheableMany` and for lists in keys, in both decorator modes. */
import { Cacheable, CacheableMany, CacheInvalidate, CachePut, cached } from '../../../src';
import { type Exactly, exactly } from './exactly';

interface User {
  readonly id: string;
  readonly age: number;
}

export class Users {
  readonly limit = 5;

  @CacheableMany('user:<ids[]>', {
    by: 'id',
    ttl(args, item) {
      exactly<Exactly<typeof args, [ids: readonly string[], locale?: string]>>();
      exactly<Exactly<typeof item, User>>();
      return item.age > this.limit ? '5m' : 0;
    },
    unless: (_args, item) => item.age === 0,
    tags: ['all', 'age:<result.age>', 'user:<ids[]>'],
  })
  async users(ids: readonly string[], locale?: string): Promise<User[]> {
    return ids.map((id) => ({ id, age: (locale ?? '').length }));
  }

  @CacheableMany('user:<0[].id>', { into: 'map', tags: (args, item) => [args[0][0]!.id, item.id] })
  async map(users: readonly { readonly id: string }[]): Promise<Map<string, User>> {
    return new Map(users.map(({ id }) => [id, { id, age: 1 }]));
  }

  @CacheableMany('user:<ids[]>', { into: 'record' })
  async record(...ids: number[]): Promise<Record<number, User | null>> {
    return Object.fromEntries(ids.map((id) => [id, null]));
  }

  @CacheableMany('user:<ids[]>', { by: (user) => user.age })
  async byAge(ids: readonly number[]): Promise<(User | undefined)[]> {
    return ids.map((age) => ({ id: '', age }));
  }

  @CacheInvalidate(['user:<ids[]>', 'user:<0[]>:*'])
  async touch(ids: readonly string[]): Promise<number> {
    return ids.length;
  }

  // @ts-expect-error: no list in the key
  @CacheableMany('user:<id>')
  async noList(id: string): Promise<User[]> {
    return [{ id, age: 1 }];
  }

  // @ts-expect-error: the argument is no list
  @CacheableMany('user:<0[]>')
  async noArray(id: string): Promise<User[]> {
    return [{ id, age: 1 }];
  }

  // @ts-expect-error: the items have no such property
  @CacheableMany('user:<ids[]>', { by: 'name' })
  async noProperty(ids: readonly string[]): Promise<User[]> {
    return ids.map((id) => ({ id, age: 1 }));
  }

  // @ts-expect-error: the result is an array
  @CacheableMany('user:<ids[]>', { into: 'map' })
  async noMap(ids: readonly string[]): Promise<User[]> {
    return ids.map((id) => ({ id, age: 1 }));
  }

  // @ts-expect-error: a list is many keys
  @Cacheable('user:<ids[]>')
  async cacheable(ids: readonly string[]): Promise<User[]> {
    return ids.map((id) => ({ id, age: 1 }));
  }

  // @ts-expect-error: a list is many keys
  @CachePut('user:<ids[]>')
  async put(ids: readonly string[]): Promise<User[]> {
    return ids.map((id) => ({ id, age: 1 }));
  }
}

declare const users: Users;

const one = cached(users, 'users').one('1');
exactly<Exactly<typeof one, Promise<User | undefined>>>();
void cached(users, 'users').one('1', 'de');
void cached(users, 'map').one({ id: '1' });
const numbered = cached(users, 'record').one(1);
exactly<Exactly<typeof numbered, Promise<User | null | undefined>>>();
// @ts-expect-error: an element is a string
void cached(users, 'users').one(1);
// @ts-expect-error: one element, not a list
void cached(users, 'users').one(['1']);
