/**
 * Builds L2 as the configuration says: over one server, or over the masters of a cluster.
 */
import type { ConnectionConfig } from '../config/resolved';
import type { Clock } from '../contract/clock';
import type { RedisRefusedError } from '../contract/errors';
import type { L2, NodeBreaker } from '../contract/l2';
import type { Order } from '../contract/order';
import { ClusterNodes } from './cluster-nodes';
import { type Clients, clientsOf, nodeClients, nodeName } from './connection';
import { whoIs } from './handshake';
import { FIRST_ATTEMPT_MS, OneNode } from './nodes';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection';
import { RedisL2 } from './redis-l2';

type OneServer = Extract<Clients, { kind: 'one' }>;
type Cluster = Extract<Clients, { kind: 'cluster' }>;
type Client = ReturnType<OneServer['newClient']>;

export interface L2Options {
  readonly namespace: string;
  readonly connection: ConnectionConfig;
  readonly deadlineMs: number;
  readonly socketTimeoutMs: number;
  readonly leaseMs: number;
  /** How often a master of a cluster proves that its slots are still its own. */
  readonly proofMs: number;
  readonly onBreaker: (breaker: NodeBreaker) => void;
  /** Clients connect once it resolves. Left out: at once. */
  readonly opened?: Promise<void> | undefined;
  /** Called with the reason why a server cannot be used though it answers, once. */
  readonly onUnusable: (reason: RedisRefusedError) => void;
}

/** One server as a channel needs it: who writes to it, and a further client to hear from it. */
export interface Server {
  readonly address: string;
  /** What precedes the names of this cache, without the colon: the namespace, behind the client's own prefix. */
  readonly namespace: string;
  readonly writer: RedisConnection;
  readonly newSubscriber: () => Client;
  readonly runOf: typeof runOf;
}

export interface Masters {
  readonly all: readonly (Server & { servedAt(): number })[];
  /** Slots are served by others than before. */
  onChange(listener: () => void): void;
}

export interface RedisParts {
  /** The data connections: one, or one to each master. */
  readonly connections: () => readonly RedisConnection[];
  readonly l2: L2;
  readonly servers:
    | { readonly kind: 'one'; readonly server: Server }
    | { readonly kind: 'cluster'; readonly masters: Masters };
}

export function newL2(order: Order, clock: Clock, options: L2Options): RedisParts {
  const clients = clientsOf(options.connection);
  const placed = { ...options, namespace: clients.keyPrefix + options.namespace };
  return clients.kind === 'one'
    ? overOne(clients, order, clock, placed)
    : overCluster(clients, order, clock, placed);
}

function overOne({ newClient }: OneServer, order: Order, clock: Clock, options: L2Options): RedisParts {
  const { opened } = options;
  const client = connectingAfter(opened, newClient());
  const connection = newConnection(client, nodeName(client), order, clock, {
    ...options,
    firstAttemptMs: FIRST_ATTEMPT_MS,
  });
  return {
    connections: () => [connection],
    l2: new RedisL2(new OneNode(connection), options.leaseMs),
    servers: {
      kind: 'one',
      // No socket timeout: a short hang of Redis must not cost this connection, and with it all of L1.
      server: {
        address: connection.node,
        namespace: options.namespace,
        writer: connection,
        newSubscriber: () => connectingAfter(opened, newClient()),
        runOf,
      },
    },
  };
}

function overCluster({ topology }: Cluster, order: Order, clock: Clock, options: L2Options): RedisParts {
  const servers = new Map<string, Server>();
  const nodes = new ClusterNodes(connectingAfter(options.opened, topology), clock, {
    ...options,
    newNode: (address, firstAttemptMs, onRefused) => {
      const newNodeClient = nodeClients(topology, address);
      if (newNodeClient === undefined) return undefined;
      const connection = newConnection(newNodeClient(), address, order, clock, {
        ...options,
        firstAttemptMs,
        onRefused,
      });
      const { namespace } = options;
      servers.set(address, {
        address,
        namespace,
        writer: connection,
        newSubscriber: () => newNodeClient(),
        runOf,
      });
      return connection;
    },
  });
  const masters: Masters = {
    get all() {
      return nodes.all.map((node) => ({
        ...servers.get(node.node)!,
        servedAt: () => nodes.servedAt(node),
      }));
    },
    onChange: (listener) => nodes.onChange(listener),
  };
  return {
    connections: () => nodes.all,
    l2: new RedisL2(nodes, options.leaseMs),
    servers: { kind: 'cluster', masters },
  };
}

/** The run of the server that a further client of it hears. */
async function runOf(client: { call(command: string, section: string): Promise<unknown> }): Promise<string> {
  return (await whoIs((section) => client.call('INFO', section))).run;
}

function connectingAfter<C extends { connect(): Promise<void> }>(
  opened: Promise<void> | undefined,
  client: C,
): C {
  if (opened === undefined) return client;
  const connect = client.connect.bind(client);
  return Object.assign(client, { connect: () => opened.then(connect) });
}

function newConnection(
  client: Client,
  node: string,
  order: Order,
  clock: Clock,
  options: L2Options & Pick<RedisConnectionOptions, 'firstAttemptMs' | 'onRefused'>,
): RedisConnection {
  return new RedisConnection(client, order, clock, {
    ...options,
    node,
    database: client.options.db ?? 0,
    isOneOfMany: options.onRefused !== undefined,
    onBreaker: (state) => options.onBreaker({ node, state }),
  });
}
