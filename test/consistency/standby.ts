/**
 * A replica of the Redis under test that takes its place, with less than its master had: what was told to the master in
 * the last moments, invalidations that were acknowledged among it, is lost. Proxies stand for the address that follows.
 */
import { Redis } from 'ioredis';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import type { TcpProxy } from '../support/tcp-proxy';

export class Standby {
  readonly #first: RedisServer;
  readonly #proxies: readonly TcpProxy[];
  #master: RedisServer;
  #replica: Promise<RedisServer>;

  constructor(master: RedisServer, proxies: readonly TcpProxy[]) {
    this.#first = master;
    this.#proxies = proxies;
    this.#master = master;
    this.#replica = replicaOf(master);
  }

  /** @param lag awaited between the last word that the replica hears and the death of its master */
  async takeOver(lag: () => Promise<void>): Promise<void> {
    const [before, after] = [this.#master, await this.#replica];
    await tell(
      before,
      ['ACL', 'SETUSER', 'default', '-psync', '-sync'],
      ['CLIENT', 'KILL', 'TYPE', 'REPLICA'],
    );
    await lag();
    await tell(after, ['REPLICAOF', 'NO', 'ONE']);
    for (const proxy of this.#proxies) proxy.lead(after.port);
    this.#master = after;
    await this.#retire(before);
    this.#replica = replicaOf(after);
  }

  async close(): Promise<void> {
    await (await this.#replica).stop();
    await this.#retire(this.#master);
  }

  /** The first master belongs to the arena, and goes on as it was. */
  async #retire(server: RedisServer): Promise<void> {
    if (server !== this.#first) await server.stop();
    else await tell(server, ['ACL', 'SETUSER', 'default', '+psync', '+sync'], ['FLUSHALL']);
  }
}

async function replicaOf({ host, port }: RedisServer): Promise<RedisServer> {
  const args = ['--replicaof', host, `${port}`, '--repl-diskless-sync-delay', '0'];
  const replica = await RedisServer.start({ args });
  const client = new Redis(replica.port, replica.host, { enableReadyCheck: false });
  try {
    await until(async () => /master_link_status:up/.test(await client.info('replication')));
  } finally {
    client.disconnect();
  }
  return replica;
}

async function tell(server: RedisServer, ...commands: readonly [string, ...string[]][]): Promise<void> {
  const client = new Redis(server.port, server.host, { enableReadyCheck: false });
  try {
    for (const command of commands) await client.call(...command);
  } finally {
    client.disconnect();
  }
}
