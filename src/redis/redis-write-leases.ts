/**
 * Write leases around a change, in Redis (P24): at keys and at generation keys, with the same scripts. One attempt each; what
 * follows from a lost reply is the engine's.
 */
import type { Verdict } from '../contract/l2';
import type { RedisConnection } from './redis-connection';
import type { RedisLike, ScriptMethods } from './redis-like';
import { failedWrite, unknown, verdict } from './replies';

type Send = (client: RedisLike & ScriptMethods, name: string) => Promise<unknown>;

export class RedisWriteLeases {
  readonly #connection: RedisConnection;
  readonly #leaseMs: number;

  constructor(connection: RedisConnection, leaseMs: number) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
  }

  beginWrite(name: string, token: string): Promise<Verdict> {
    return this.#change(name, (client, key) => client.tiercelBeginWriteBuffer(key, token, this.#leaseMs));
  }

  /** Nothing that anybody would have to hear of. */
  renewWrite(name: string, token: string): Promise<Verdict> {
    const { usable, commands, client, prefix } = this.#connection;
    if (!usable) return Promise.resolve(unknown());
    const batch = commands.open();
    const command = client.tiercelRenewWriteBuffer(prefix + name, token, this.#leaseMs);
    return commands.ask(batch, command, verdict, failedWrite);
  }

  endWrite(name: string, token: string): Promise<Verdict> {
    return this.#change(name, (client, key) => client.tiercelEndWriteBuffer(key, token));
  }

  #change(name: string, send: Send): Promise<Verdict> {
    const { usable, commands, client, prefix } = this.#connection;
    const ask = (): Promise<Verdict> => {
      const batch = commands.open();
      const command = send(client, prefix + name);
      this.#connection.onWrite?.([name], command);
      return commands.ask(batch, command, verdict, failedWrite);
    };
    return usable ? ask() : this.#connection.onceUsable(ask, unknown);
  }
}
