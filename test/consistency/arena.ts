/**
 * What trials share: the Redis under the cache, the Redis that stands for the database, and the processes. Starting them
 * costs seconds, so they stay; every trial has caches, a namespace and rows of its own.
 */
import { Redis } from 'ioredis';
import { RedisServer } from '../support/redis-server';
import { InstanceHandle } from './instances';

export class Arena {
  private constructor(
    readonly redis: RedisServer,
    readonly operator: Redis,
    readonly databaseServer: RedisServer,
    readonly database: Redis,
    readonly instances: readonly InstanceHandle[],
  ) {}

  static async open(processes: number): Promise<Arena> {
    const redis = await RedisServer.start();
    const databaseServer = await RedisServer.start();
    const operator = new Redis(redis.port, '127.0.0.1', { retryStrategy: () => 20 });
    operator.on('error', () => undefined);
    const database = new Redis(databaseServer.port, '127.0.0.1');
    const instances = Array.from({ length: processes }, () => new InstanceHandle());
    return new Arena(redis, operator, databaseServer, database, instances);
  }

  async close(): Promise<void> {
    for (const instance of this.instances) instance.end();
    for (const client of [this.operator, this.database]) client.disconnect();
    await Promise.all([this.redis.stop(), this.databaseServer.stop()]);
  }
}
