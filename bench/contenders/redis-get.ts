/** What people write by hand: `JSON.parse(await redis.get(key))`, on a client with the options that tiercel uses. */
import { resolveConfig } from '../../src/config/define';
import { clientsOf } from '../../src/redis/connection';
import type { Prepare } from '../contender';
import { idAt, providerIds, type Stats, statsOf } from '../workload';

export const prepare: Prepare = async ({ redisPort, concurrency, ids: kind }) => {
  const config = resolveConfig({ l2: { host: '127.0.0.1', port: redisPort } });
  if (config.l2 === false) throw new Error('no Redis in the configuration');
  const clients = clientsOf(config.l2.connection);
  if (clients.kind !== 'one') throw new Error('more than one Redis in the configuration');
  const redis = clients.newClient();
  await redis.connect();
  const ids = providerIds(kind);
  for (const id of ids) await redis.set(`plain:provider:${id}:stats`, JSON.stringify(statsOf(id)));

  const read = async (id: string): Promise<Stats> =>
    JSON.parse((await redis.get(`plain:provider:${id}:stats`))!) as Stats;
  return {
    async run(times) {
      let trades = 0;
      for (let step = 0; step < times; step += concurrency) {
        const reads = Array.from({ length: concurrency }, (_, index) => read(idAt(ids, step + index)));
        for (const stats of await Promise.all(reads)) trades += stats.trades;
      }
      return trades;
    },
    close: async () => redis.disconnect(),
  };
};
