/** Write leases around a change in a Redis Cluster: each on the master that serves its name. */
import type { Verdict, WriteLeases } from '../contract/l2';
import type { ClusterNodes } from './cluster';
import type { RedisWriteLeases } from './redis-write-leases';
import { unknown } from './replies';

export class ClusterWriteLeases implements WriteLeases {
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  begin(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.begin(name, token));
  }

  renew(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.renew(name, token));
  }

  end(name: string, token: string): Promise<Verdict> {
    return this.#on(name, (leases) => leases.end(name, token));
  }

  async #on(name: string, ask: (leases: RedisWriteLeases) => Promise<Verdict>): Promise<Verdict> {
    const node = this.#nodes.of(name) ?? (await this.#nodes.found(name));
    return node === undefined ? unknown() : ask(node.writeLeases);
  }
}
