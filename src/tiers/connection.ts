/**
 * Makes the toolkit's own connections out of what the configuration says (P35). An application's client is never used
 * for commands: it is duplicated, because these options would change how it behaves for its owner.
 */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { ConnectionConfig } from '../config/resolved';

type Login = Pick<RedisOptions, 'username' | 'password' | 'tls'>;
/** What an application's cluster client asks of each node: kept, but for what the toolkit sets itself. */
type NodeOptions = Omit<NonNullable<Cluster['options']['redisOptions']>, 'replyMapping'>;

export interface ConnectionTimes {
  /** Without any data for that long while a command waits, the connection is made anew. Left out: never. */
  readonly socketTimeoutMs?: number;
}

/** Reconnect at once, then at most four times a second: a cache that is back must be used again within a second. */
const reconnectDelay = (attempt: number): number => Math.min(20 * attempt, 250);

const CONNECT_TIMEOUT_MS = 500;

/** What a peer gets to end a connection in order, before it is torn down: until then it keeps the process alive (P42). */
const DISCONNECT_TIMEOUT_MS = 50;

/**
 * Nothing is queued, retried or sent again behind the protocol's back: a command that fails is the engine's to judge.
 * `socketTimeout` is what ends a connection whose peer went silent without closing it.
 */
function commandOptions(times: ConnectionTimes) {
  return {
    lazyConnect: true,
    protocol: 2 as const,
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelay,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    ...(times.socketTimeoutMs === undefined ? {} : { socketTimeout: times.socketTimeoutMs }),
    keyPrefix: '',
  };
}

function clusterOptions(times: ConnectionTimes, nodeOptions: NodeOptions) {
  // The cluster decides when its nodes connect, and what waits for them: nothing.
  const { lazyConnect, enableOfflineQueue, retryStrategy, ...nodeCommandOptions } = commandOptions(times);
  return {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining: false,
    scaleReads: 'master' as const,
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...nodeOptions, ...nodeCommandOptions },
  };
}

/** A client that is not connected yet. */
export function newClient(connection: ConnectionConfig, times: ConnectionTimes): Redis | Cluster {
  const own = commandOptions(times);
  switch (connection.kind) {
    case 'url':
      return new Redis(connection.url, { ...login(connection), ...database(connection.db), ...own });
    case 'host':
      return new Redis({
        host: connection.host,
        port: connection.port,
        ...login(connection),
        ...database(connection.db),
        ...own,
      });
    case 'sentinel':
      return new Redis({
        sentinels: [...connection.sentinels],
        name: connection.name,
        failoverDetector: true,
        sentinelRetryStrategy: reconnectDelay,
        ...(connection.sentinelUsername === undefined
          ? {}
          : { sentinelUsername: connection.sentinelUsername }),
        ...(connection.sentinelPassword === undefined
          ? {}
          : { sentinelPassword: connection.sentinelPassword }),
        ...login(connection),
        ...database(connection.db),
        ...own,
      });
    case 'cluster':
      return new Cluster([...connection.nodes], clusterOptions(times, login(connection)));
    case 'client': {
      const client = connection.client as Redis | Cluster;
      return client instanceof Cluster
        ? client.duplicate([], clusterOptions(times, client.options.redisOptions ?? {}))
        : client.duplicate(own);
    }
  }
}

/** What events and metrics call the node of a client: its address, or the name under which sentinels know it. */
export function nodeName(client: Redis | Cluster): string {
  if (client instanceof Cluster) return 'cluster';
  const { sentinels, name, path, host, port } = client.options;
  if (sentinels != null) return name ?? '';
  return path ?? `${host}:${port}`;
}

function login(connection: Exclude<ConnectionConfig, { kind: 'client' }>): Login {
  return {
    ...(connection.username === undefined ? {} : { username: connection.username }),
    ...(connection.password === undefined ? {} : { password: connection.password }),
    ...(connection.tls === undefined ? {} : { tls: connection.tls }),
  };
}

function database(db: number | undefined): Pick<RedisOptions, 'db'> {
  return db === undefined ? {} : { db };
}
