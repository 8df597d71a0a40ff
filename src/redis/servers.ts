/**
 * L2 put together from what the configuration says: over one server, or over the masters of a cluster. This file knows
 * which parts that takes; what they do is their own.
 */
import type { ConnectionConfig } from '../config/resolved';
import type { Clock } from '../contract/clock';
import type { MarkerTier, NodeBreaker, RemoteTier, WriteLeases } from '../contract/l2';
import type { Order } from '../contract/order';
import { ClusterNodes } from './cluster';
import { ClusterMarkers } from './cluster-markers';
import { ClusterTier } from './cluster-tier';
import { ClusterWriteLeases } from './cluster-write-leases';
import { type Clients, clientsOf, nodeClients, nodeName } from './connection';
import { RedisTier } from './redis';
import { RedisConnection } from './redis-connection';
import { RedisMarkers } from './redis-markers';
import { RedisWriteLeases } from './redis-write-leases';

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
}

/** One server as a channel needs it: who writes to it, and a further client to hear from it. */
export interface Server {
  readonly address: string;
  readonly writer: RedisConnection;
  readonly newSubscriber: () => Client;
}

export interface Masters {
  readonly all: readonly (Server & { servedAt(): number })[];
  /** Slots are served by others than before. */
  onChange(listener: () => void): void;
}

export interface L2 {
  /** The data connections: one, or one to each master. */
  readonly connections: () => readonly RedisConnection[];
  readonly remote: RemoteTier;
  readonly markers: MarkerTier;
  readonly writeLeases: WriteLeases;
  readonly servers:
    | { readonly kind: 'one'; readonly server: Server }
    | { readonly kind: 'cluster'; readonly masters: Masters };
}

export function newL2(order: Order, clock: Clock, options: L2Options): L2 {
  const clients = clientsOf(options.connection);
  return clients.kind === 'one'
    ? overOne(clients, order, clock, options)
    : overCluster(clients, order, clock, options);
}

function overOne({ newClient }: OneServer, order: Order, clock: Clock, options: L2Options): L2 {
  const client = newClient(options);
  const connection = newConnection(client, nodeName(client), order, clock, options);
  return {
    connections: () => [connection],
    remote: new RedisTier(connection, options.leaseMs),
    markers: new RedisMarkers(connection),
    writeLeases: new RedisWriteLeases(connection, options.leaseMs),
    servers: {
      kind: 'one',
      // No socket timeout: a short hang of Redis must not cost this connection, and with it all of L1.
      server: {
        address: connection.node,
        writer: connection,
        newSubscriber: () => newClient({}),
      },
    },
  };
}

function overCluster({ topology }: Cluster, order: Order, clock: Clock, options: L2Options): L2 {
  const servers = new Map<string, Server>();
  const nodes = new ClusterNodes(topology, clock, {
    ...options,
    newNode: (address, onRefused) => {
      const newNodeClient = nodeClients(topology, address);
      if (newNodeClient === undefined) return undefined;
      const connection = newConnection(newNodeClient(options), address, order, clock, options, onRefused);
      servers.set(address, { address, writer: connection, newSubscriber: () => newNodeClient({}) });
      return {
        address,
        connection,
        tier: new RedisTier(connection, options.leaseMs),
        markers: new RedisMarkers(connection, true),
        writeLeases: new RedisWriteLeases(connection, options.leaseMs),
      };
    },
  });
  const masters: Masters = {
    get all() {
      return nodes.all.map((node) => ({
        ...servers.get(node.address)!,
        servedAt: () => nodes.servedAt(node),
      }));
    },
    onChange: (listener) => nodes.onChange(listener),
  };
  return {
    connections: () => nodes.all.map(({ connection }) => connection),
    remote: new ClusterTier(nodes),
    markers: new ClusterMarkers(nodes),
    writeLeases: new ClusterWriteLeases(nodes),
    servers: { kind: 'cluster', masters },
  };
}

function newConnection(
  client: Client,
  node: string,
  order: Order,
  clock: Clock,
  { namespace, deadlineMs, onBreaker }: L2Options,
  onRefused?: (error: Error) => void,
): RedisConnection {
  return new RedisConnection(client, order, clock, {
    namespace,
    node,
    deadlineMs,
    onBreaker: (state) => onBreaker({ node, state }),
    ...(onRefused === undefined ? {} : { onRefused }),
  });
}
