/** The two-minute start of README.md, word for word. `npm run example:quick-start` runs it. */
import { Cacheable, CacheInvalidate, CachePut, createCache } from 'tiercel';

const rows = new Map([['42', 'Ada']]); // stands for a database
let queries = 0;

class Users {
  @Cacheable('user:<id>', { ttl: '10m' })
  async name(id: string): Promise<string | undefined> {
    queries += 1;
    return rows.get(id);
  }

  @CachePut('user:<id>', { ttl: '10m' })
  async rename(id: string, name: string): Promise<string> {
    rows.set(id, name);
    return name;
  }

  @CacheInvalidate(['user:<id>'])
  async remove(id: string): Promise<void> {
    rows.delete(id);
  }
}

async function main(): Promise<void> {
  // Without a URL there is no Redis: the cache is L1, in memory, alone.
  const cache = createCache({ namespace: 'start', l2: { url: process.env['REDIS_URL'] } });
  const users = new Users();
  const report = async (what: string) =>
    console.log(`${what}: ${await users.name('42')}, ${queries} queries`);

  await Promise.all(Array.from({ length: 100 }, () => users.name('42')));
  await report('100 calls at once');
  await users.rename('42', 'Grace');
  await report('after rename');
  await users.remove('42');
  await report('after remove');
  await cache.close();
}

void main();
