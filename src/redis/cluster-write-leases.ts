/** Write leases around a change in a Redis Cluster: each on the master that serves its name. */
import type { Verdict } from '../contract/l2';
import type { ClusterNodes } from './cluster';
import type { RedisWriteLeases } from './redis-write-leases';
import { unknown } from './replies';

export class ClusterWriteLeases {
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  beginWrite(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.beginWrite(name, token));
  }

  renewWrite(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.renewWrite(name, token));
  }

  endWrite(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.endWrite(name, token));
  }

  async #on(name: string, ask: (leases: RedisWriteLeases) => Promise<Verdict>): Promise<Verdict> {
    const node = this.#nodes.of(name) ?? (await this.#nodes.found(name));
    return node === undefined ? unknown() : ask(node.writeLeases);
  }
}
