/** What people write by hand: an lru-cache with a time to live behind an `async` function, and a client of Redis. */
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { resolveConfig } from '../src/config/define';
import { clientsOf } from '../src/redis/connection';
import { IDS, type Stats, statsOf } from './workload';

export class HandWritten {
  readonly lru = new LRUCache<string, Stats>({ max: 10_000, ttl: 300_000 });

  constructor() {
    for (const id of IDS) this.lru.set(`provider:${id}:stats`, statsOf(id));
  }

  async stats(id: string): Promise<Stats> {
    return this.lru.get(`provider:${id}:stats`)!;
  }

  async get(key: string): Promise<Stats> {
    return this.lru.get(key)!;
  }

  async set(key: string, value: Stats): Promise<boolean> {
    this.lru.set(key, value);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return this.lru.delete(key);
  }
}

/** A client with the options that tiercel uses. */
export async function newClient(redisPort: number): Promise<Redis> {
  const { l2 } = resolveConfig({ l2: { host: '127.0.0.1', port: redisPort } });
  if (l2 === false) throw new Error('no Redis in the configuration');
  const clients = clientsOf(l2.connection);
  if (clients.kind !== 'one') throw new Error('more than one Redis in the configuration');
  const client = clients.newClient() as Redis;
  await client.connect();
  return client;
}
