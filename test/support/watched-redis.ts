/**
 * A private, real Redis with a replica and a sentinel that watches them: when the master dies, or when a test says so,
 * the replica takes over.
 */
import { Redis } from 'ioredis';
import { until } from './pace';
import { RedisServer } from './redis-server';

export class WatchedRedis {
  /** For `l2.name`. */
  readonly name = 'watched';
  readonly #admins = new Map<RedisServer, Redis>();

  private constructor(
    readonly master: RedisServer,
    readonly replica: RedisServer,
    readonly sentinel: RedisServer,
  ) {}

  /** Resolves when the replica is in step and the sentinel knows it. */
  static async start(): Promise<WatchedRedis> {
    const fast = ['--repl-diskless-sync-delay', '0'];
    const master = await RedisServer.start({ args: fast });
    const [replica, sentinel] = await Promise.all([
      RedisServer.start({ args: [...fast, '--replicaof', master.host, `${master.port}`] }),
      RedisServer.start({ sentinel: true }),
    ]);
    const watched = new WatchedRedis(master, replica, sentinel);
    await watched.#watch();
    return watched;
  }

  /** For `l2.sentinels`. */
  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return [{ host: this.sentinel.host, port: this.sentinel.port }];
  }

  admin(server: RedisServer): Redis {
    let admin = this.#admins.get(server);
    if (admin === undefined) {
      admin = new Redis(server.port, server.host, { retryStrategy: () => 20, enableReadyCheck: false });
      admin.on('error', () => undefined);
      this.#admins.set(server, admin);
    }
    return admin;
  }

  /** From now on the replica gets nothing of what the master is told, and cannot ask for it. */
  async cutReplication(): Promise<void> {
    const admin = this.admin(this.master);
    await admin.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'REPLICA');
  }

  /** Resolves when the replica is a master, and the sentinel says so. A former master that lives hears of it much later. */
  promoted(): Promise<void> {
    return until(async () => {
      const address = await this.admin(this.sentinel).call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name);
      return (
        Number((address as [string, string])[1]) === this.replica.port &&
        /role:master/.test(await this.admin(this.replica).info('replication'))
      );
    });
  }

  async stop(): Promise<void> {
    for (const admin of this.#admins.values()) admin.disconnect();
    await Promise.all([this.master, this.replica, this.sentinel].map((server) => server.stop()));
  }

  async #watch(): Promise<void> {
    const { host, port } = this.master;
    const sentinel = this.admin(this.sentinel);
    await sentinel.call('SENTINEL', 'MONITOR', this.name, host, port, 1);
    const settings = { 'down-after-milliseconds': 300, 'failover-timeout': 2_000 };
    for (const [name, value] of Object.entries(settings)) {
      await sentinel.call('SENTINEL', 'SET', this.name, name, value);
    }
    await until(async () => /master_link_status:up/.test(await this.admin(this.replica).info('replication')));
    await until(async () => {
      const replicas = (await sentinel.call('SENTINEL', 'REPLICAS', this.name)) as string[][];
      return replicas.some((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
    });
  }
}
