/**
 * The control: cache-aside as textbooks show it, with a map in each process and pub/sub to clear it. It has the races
 * that such caches have, and the checker has to find them: a check that cannot fail proves nothing.
 */
import { Redis } from 'ioredis';
import type { OpenCache } from '../cache-adapter';

export const open: OpenCache = async ({ redisPort, namespace, l1, ttlMs }) => {
  const redis = new Redis(redisPort, '127.0.0.1');
  const subscriber = new Redis(redisPort, '127.0.0.1');
  for (const client of [redis, subscriber]) client.on('error', () => undefined);
  const memory = new Map<string, { readonly value: number; readonly expiresAt: number }>();
  subscriber.on('message', (_channel, key) => memory.delete(key));
  await subscriber.subscribe(namespace);
  const keep = (key: string, value: number): void => {
    if (l1) memory.set(key, { value, expiresAt: performance.now() + ttlMs });
  };
  return {
    async getOrLoad(key, load) {
      const kept = memory.get(key);
      if (kept !== undefined && kept.expiresAt > performance.now()) return kept.value;
      const stored = await redis.get(`${namespace}:${key}`);
      const value = stored === null ? await load() : Number(stored);
      if (stored === null) await redis.set(`${namespace}:${key}`, value, 'PX', ttlMs);
      keep(key, value);
      return value;
    },
    async invalidate(key) {
      memory.delete(key);
      await redis.del(`${namespace}:${key}`);
      await redis.publish(namespace, key);
      return true;
    },
    async close() {
      for (const client of [redis, subscriber]) client.disconnect();
    },
  };
};
