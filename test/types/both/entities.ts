/** What `revive`, `schema` and `plain` accept: a function that gives what the method returns, a Standard Schema, a flag. */
import { Cacheable, CachePut, type StandardSchema, type TiercelCache } from '../../../src';

declare const cache: TiercelCache;
declare const schema: StandardSchema;

class User {
  constructor(readonly id: string) {}
  greet(): string {
    return this.id;
  }
}

const revive = (stored: { id: string }) => new User(stored.id);

export class Users {
  @Cacheable('user:<id>', { revive, schema })
  async find(id: string): Promise<User> {
    return new User(id);
  }

  @Cacheable('user:<id>:list', { revive: (stored: { id: string }[]) => stored.map(revive) })
  async list(id: string): Promise<User[]> {
    return [new User(id)];
  }

  @CachePut('user:<id>', { plain: true })
  async save(id: string): Promise<User> {
    return new User(id);
  }

  // @ts-expect-error it revives something else than the method returns
  @Cacheable('user:<id>:wrong', { revive: (stored: { id: string }) => stored.id })
  async wrong(id: string): Promise<User> {
    return new User(id);
  }

  // @ts-expect-error a put reads nothing that a schema could check
  @CachePut('user:<id>', { schema })
  async put(id: string): Promise<User> {
    return new User(id);
  }

  // @ts-expect-error a class is no schema
  @Cacheable('user:<id>:other', { schema: User })
  async other(id: string): Promise<User> {
    return new User(id);
  }
}

void cache.getOrSet('a', async () => new User('1'), { revive, schema }).then((user) => user.greet());
void cache.getOrSetMany(['a'], async () => ({ a: new User('1') }), { revive, schema });
void cache.put('a', async () => new User('1'), { plain: true });
void cache.strategy({ key: 'a:<id>', revive }).getOrFetch({ id: 1 }, () => new User('1'));
// @ts-expect-error not a function
void cache.getOrSet('a', async () => new User('1'), { revive: 'User' });
// @ts-expect-error not a flag
void cache.set('a', new User('1'), { plain: 'yes' });
