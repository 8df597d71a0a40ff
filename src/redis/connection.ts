/**
 * Makes the toolkit's own connections out of what the configuration says (P35). An application's client is never used
 * for commands: it is duplicated, because these options would change how it behaves for its owner.
 */
import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { ConnectionConfig } from '../config/resolved';
import { errorCode } from './error-code';

type Login = Pick<RedisOptions, 'username' | 'password' | 'tls'>;
/** What an application's cluster client asks of each node: kept, except what the toolkit sets itself. */
type NodeOptions = Omit<NonNullable<Cluster['options']['redisOptions']>, 'replyMapping'>;

/** Reconnect at once, then at most four times a second: a cache that is back must be used again within a second. */
const reconnectDelay = (attempt: number): number => Math.min(20 * attempt, 250);

const CONNECT_TIMEOUT_MS = 500;
/** Of one node that is asked where the slots are; then the next one is asked. */
const SLOTS_REFRESH_TIMEOUT_MS = 300;
/** When nothing hints at a change. */
const SLOTS_REFRESH_INTERVAL_MS = 5_000;

/** What a peer gets to end a connection in order, before it is torn down: until then it keeps the process alive (P42). */
const DISCONNECT_TIMEOUT_MS = 50;

/** Nothing is queued, retried or sent again behind the protocol's back: the engine judges a command that fails. */
const COMMAND_OPTIONS = {
  lazyConnect: true,
  protocol: 2 as const,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: reconnectDelay,
  reconnectOnError: (error: Error) => errorCode(error) === 'READONLY',
  // Its CLIENT SETINFO would fill the ACL log of a restricted user at every connect.
  disableClientInfo: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  // What an application has set: see silence.ts.
  socketTimeout: undefined,
  // Ours is part of every name: see `Clients.keyPrefix`.
  keyPrefix: '',
};

/** The client of a cluster's topology: it asks nodes where the slots are, on connections that end at once. */
function topologyOptions(nodeOptions: NodeOptions) {
  const { lazyConnect, enableOfflineQueue, retryStrategy, ...nodeCommandOptions } = COMMAND_OPTIONS;
  return {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining: false,
    // It would leave a connection open.
    enableReadyCheck: false,
    shardedSubscribers: false,
    scaleReads: 'master' as const,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: SLOTS_REFRESH_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_INTERVAL_MS,
    redisOptions: { ...nodeOptions, ...nodeCommandOptions },
  };
}

export type Clients = {
  /** That of the application's client, if one was given: it precedes the namespace in every name. */
  readonly keyPrefix: string;
} & (
  | {
      readonly kind: 'one';
      /** Makes clients of a single server, not connected yet. */
      readonly newClient: () => Redis;
    }
  | {
      readonly kind: 'cluster';
      /** Tells where the slots are, and carries no command. */
      readonly topology: Cluster;
    }
);

export function clientsOf(connection: ConnectionConfig): Clients {
  if (connection.kind === 'cluster') {
    const topology = new Cluster([...connection.nodes], topologyOptions(login(connection)));
    return { kind: 'cluster', keyPrefix: '', topology };
  }
  if (connection.kind === 'client' && isCluster(connection.client)) {
    const { options, startupNodes } = connection.client;
    const { redisOptions = {}, keyPrefix = redisOptions.keyPrefix ?? '' } = options;
    const topology = new Cluster([...startupNodes], {
      ...options,
      ...topologyOptions(redisOptions),
      keyPrefix: '',
    });
    return { kind: 'cluster', keyPrefix, topology };
  }
  const keyPrefix = connection.kind === 'client' ? (connection.client as Redis).options.keyPrefix : undefined;
  return {
    kind: 'one',
    keyPrefix: keyPrefix ?? '',
    newClient: () => newClient(connection),
  };
}

interface GivenCluster {
  readonly options: ClusterOptions;
  readonly startupNodes: readonly ClusterNode[];
}

/** By its shape, since it may be of another copy of ioredis. `instanceof` would take it for a single server. */
function isCluster(client: object): client is GivenCluster {
  return (client as { readonly isCluster?: unknown }).isCluster === true;
}

/** Makes clients of one master of the cluster; undefined where the topology no longer has the address. */
export function nodeClients(topology: Cluster, address: string): (() => Redis) | undefined {
  const node = topology.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address);
  return node && (() => node.duplicate(COMMAND_OPTIONS));
}

function newClient(connection: Exclude<ConnectionConfig, { kind: 'cluster' }>): Redis {
  const own = COMMAND_OPTIONS;
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
    case 'client':
      return (connection.client as Redis).duplicate(own);
  }
}

/** What events and metrics call the node of a client: its address, or the name under which sentinels know it. */
export function nodeName(client: Redis): string {
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
