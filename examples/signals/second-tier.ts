/**
 * Finds the Redis of the run: that of REDIS_URL, else a server of its own if a binary is installed, else none.
 * Whatever it is, nothing of the run stays behind.
 */
import { Redis } from 'ioredis';
import { findRedisBinary } from '../../test/support/redis-binary';
import { RedisServer } from '../../test/support/redis-server';

export interface SecondTier {
  /** `undefined`: no Redis. */
  readonly url: string | undefined;
  /** For people; without a password. */
  readonly description: string;
  /** The run's own, which may be stopped and started again; `undefined`: no Redis, or not the run's own. */
  readonly server: RedisServer | undefined;
  /** Called when the cache is closed. */
  end(namespace: string): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 1_000;
const BATCH = 500;

export async function findSecondTier(environment: NodeJS.ProcessEnv = process.env): Promise<SecondTier> {
  const url = environment['REDIS_URL'];
  if (url !== undefined && url !== '') {
    return {
      url,
      description: `REDIS_URL, ${withoutLogin(url)}`,
      server: undefined,
      end: (namespace) => removeAll(url, namespace),
    };
  }
  const binary = findRedisBinary(environment);
  if (binary === undefined) {
    return { url: undefined, description: 'none found: L1 alone', server: undefined, end: async () => {} };
  }
  const server = await RedisServer.start();
  return {
    url: server.url,
    description: `a private server for this run, ${binary} on 127.0.0.1:${server.port}`,
    server,
    end: () => server.stop(),
  };
}

/**
 * `cache.clear()` makes entries invalid and leaves their bytes to expire; the namespace's set of declared patterns never
 * does. In somebody else's Redis nothing is to stay of a namespace that is never used again.
 */
async function removeAll(url: string, namespace: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  // Without a listener, ioredis prints every failure; `connected` tells the one that counts.
  redis.on('error', () => {});
  try {
    if (!(await connected(redis))) return;
    for await (const keys of redis.scanStream({ match: `${namespace}:*`, count: BATCH })) {
      if (keys.length > 0) await redis.unlink(...(keys as string[]));
    }
  } finally {
    redis.disconnect();
  }
}

async function connected(redis: Redis): Promise<boolean> {
  return redis.connect().then(
    () => true,
    () => false,
  );
}

function withoutLogin(url: string): string {
  if (!URL.canParse(url)) return 'which is not a URL';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
