/** bentocache as its documentation sets up two tiers with a bus, without grace periods. */
import type { OpenCache } from '../cache-adapter';
import { importOther } from '../other-packages';

/** As much of bentocache's interface as is used: it is no dependency, so its types are not here. */
interface Bentocache {
  getOrSet(options: { key: string; factory: () => Promise<number>; ttl: number }): Promise<number>;
  delete(options: { key: string }): Promise<boolean>;
  disconnectAll(): Promise<void>;
}

interface Store {
  useL1Layer(driver: unknown): Store;
  useL2Layer(driver: unknown): Store;
  useBus(driver: unknown): Store;
}

type Driver = (options: object) => unknown;

export const open: OpenCache = async ({ redisPort, namespace, l1, ttlMs }) => {
  const { BentoCache, bentostore } = (await importOther('bentocache')) as {
    readonly BentoCache: new (options: object) => Bentocache;
    readonly bentostore: (options: object) => Store;
  };
  const { memoryDriver } = (await importOther('bentocache', 'drivers/memory')) as {
    readonly memoryDriver: Driver;
  };
  const { redisDriver, redisBusDriver } = (await importOther('bentocache', 'drivers/redis')) as {
    readonly redisDriver: Driver;
    readonly redisBusDriver: Driver;
  };
  const connection = { host: '127.0.0.1', port: redisPort };
  const shared = bentostore({ ttl: ttlMs, prefix: namespace }).useL2Layer(redisDriver({ connection }));
  const store = l1
    ? shared.useL1Layer(memoryDriver({ maxItems: 10_000 })).useBus(redisBusDriver({ connection }))
    : shared;
  const cache = new BentoCache({ default: 'main', stores: { main: store } });
  return {
    getOrLoad: (key, load) => cache.getOrSet({ key, factory: load, ttl: ttlMs }),
    invalidate: async (key) => {
      await cache.delete({ key });
      return true;
    },
    close: () => cache.disconnectAll(),
  };
};
