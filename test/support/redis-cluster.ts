/**
 * A private, real Redis Cluster: masters that share the slots evenly, each with a replica if asked for. Nodes fail over
 * only when a test says so, or after a second of silence. It is as short-lived and as hidden as `RedisServer`.
 */
import { Redis } from 'ioredis';
import { until } from './pace';
import { RedisServer } from './redis-server';

const SLOTS = 16_384;

interface SlotRange {
  readonly from: number;
  readonly to: number;
  /** Of the master. */
  readonly port: number;
}

export interface RedisClusterOptions {
  readonly masters?: number;
  /** One for each master. */
  readonly replicas?: boolean;
}

export class RedisCluster {
  readonly #servers: readonly RedisServer[];
  readonly #admins = new Map<RedisServer, Redis>();

  private constructor(
    readonly masters: readonly RedisServer[],
    /** In the order of their masters. */
    readonly replicas: readonly RedisServer[],
  ) {
    this.#servers = [...masters, ...replicas];
  }

  /** Resolves when every node knows every slot's master, and every replica is in step. */
  static async start({ masters = 3, replicas = false }: RedisClusterOptions = {}): Promise<RedisCluster> {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
    const servers = await Promise.all(
      Array.from({ length: replicas ? 2 * masters : masters }, () =>
        RedisServer.start({ args: [...args, '--repl-diskless-sync-delay', '0'] }),
      ),
    );
    const cluster = new RedisCluster(servers.slice(0, masters), servers.slice(masters));
    try {
      await cluster.#form();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** For `l2.cluster`. */
  get nodes(): { readonly host: string; readonly port: number }[] {
    return this.masters.map(({ host, port }) => ({ host, port }));
  }

  /** A plain client of this node, for what an operator does. */
  admin(server: RedisServer): Redis {
    let admin = this.#admins.get(server);
    if (admin === undefined) {
      admin = new Redis(server.port, server.host, { retryStrategy: () => 20 });
      admin.on('error', () => undefined);
      this.#admins.set(server, admin);
    }
    return admin;
  }

  /** The server that serves this name now. */
  async masterOf(name: string): Promise<RedisServer> {
    const running = this.#servers.find((server) => server.running)!;
    const slot = Number(await this.admin(running).call('CLUSTER', 'KEYSLOT', name));
    const ranges = await this.#slotsSeenBy(running);
    const range = ranges.find(({ from, to }) => from <= slot && slot <= to);
    return this.#servers.find(({ port }) => port === range?.port)!;
  }

  /** Makes the replica a master; with 'TAKEOVER' without asking anybody, when its master is dead. */
  async failOver(replica: RedisServer, how: 'TAKEOVER' | 'in order'): Promise<void> {
    await this.admin(replica).call('CLUSTER', 'FAILOVER', ...(how === 'TAKEOVER' ? [how] : []));
    await this.#agreed((ranges) => ranges.some(({ port }) => port === replica.port));
  }

  /**
   * Kills the n-th master, or whoever has taken its place, and lets its replica take over; it comes back as a replica.
   * @param lag awaited between the last word that the replica hears and the death of its master
   */
  async replaceMaster(n: number, lag: () => Promise<void>): Promise<void> {
    const pair = [this.masters[n]!, this.replicas[n]!];
    const roles = await Promise.all(pair.map((server) => this.admin(server).info('replication')));
    const [master, replica] = (roles[0]!.includes('role:master') ? pair : pair.reverse()) as [
      RedisServer,
      RedisServer,
    ];
    await until(async () => /master_link_status:up/.test(await this.admin(replica).info('replication')));
    await this.cutReplication(master);
    await lag();
    await master.kill();
    await this.failOver(replica, 'TAKEOVER');
    await master.restart();
  }

  /** From now on no replica gets anything of what this master is told, and none can ask for it. */
  async cutReplication(master: RedisServer): Promise<void> {
    const admin = this.admin(master);
    await admin.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'REPLICA');
  }

  /** Moves one slot with all that is in it, as an operator does. */
  async moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
    const [source, target] = [this.admin(from), this.admin(to)];
    const fromId = String(await source.call('CLUSTER', 'MYID'));
    const toId = String(await target.call('CLUSTER', 'MYID'));
    await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const names = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[];
    if (names.length > 0) await source.call('MIGRATE', to.host, to.port, '', 0, 5_000, 'KEYS', ...names);
    for (const admin of [target, source]) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    await this.#agreed((ranges) =>
      ranges.some((range) => range.from <= slot && slot <= range.to && range.port === to.port),
    );
  }

  async stop(): Promise<void> {
    for (const admin of this.#admins.values()) admin.disconnect();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  /** Resolves when this holds in the eyes of all nodes that run. */
  async #agreed(holds: (ranges: readonly SlotRange[]) => boolean): Promise<void> {
    await until(async () => {
      const running = this.#servers.filter((one) => one.running);
      return (await Promise.all(running.map((one) => this.#slotsSeenBy(one)))).every(holds);
    });
  }

  async #slotsSeenBy(server: RedisServer): Promise<SlotRange[]> {
    const reply = await this.admin(server).call('CLUSTER', 'SLOTS');
    return (reply as [number, number, [string, number]][]).map(([from, to, [, port]]) => ({
      from,
      to,
      port,
    }));
  }

  async #form(): Promise<void> {
    const [first] = this.masters;
    const share = SLOTS / this.masters.length;
    await Promise.all(
      this.masters.map(async (server, i) => {
        const admin = this.admin(server);
        const [from, to] = [Math.ceil(share * i), Math.ceil(share * (i + 1)) - 1];
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
        await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      }),
    );
    for (const server of this.#servers.slice(1)) {
      await this.admin(server).call('CLUSTER', 'MEET', first!.host, first!.port);
    }
    await this.#everyNode('CLUSTER INFO', new RegExp(`cluster_known_nodes:${this.#servers.length}\\r`));
    await Promise.all(
      this.replicas.map(async (replica, i) => {
        const id = String(await this.admin(this.masters[i]!).call('CLUSTER', 'MYID'));
        // Until the node has heard of its master it refuses.
        await until(async () => {
          const reply = this.admin(replica).call('CLUSTER', 'REPLICATE', id);
          return reply.then(
            () => true,
            () => false,
          );
        });
      }),
    );
    await this.#everyNode('CLUSTER INFO', /cluster_state:ok/);
    for (const replica of this.replicas) {
      await until(async () => /master_link_status:up/.test(await this.admin(replica).info('replication')));
    }
    await this.#agreed((ranges) => ranges.length === this.masters.length);
  }

  async #everyNode(command: 'CLUSTER INFO', pattern: RegExp): Promise<void> {
    const [name, argument] = command.split(' ') as [string, string];
    await until(async () => {
      const replies = await Promise.all(this.#servers.map((one) => this.admin(one).call(name, argument)));
      return replies.every((reply) => pattern.test(String(reply)));
    });
  }
}
