/** Which clients the configuration takes: those of ioredis, and no others. */
import { Cluster, Redis } from 'ioredis';
import { defineCacheConfig } from '../../../src/config/define';

defineCacheConfig({ namespace: 'types', l2: { client: new Redis({ lazyConnect: true }) } });
defineCacheConfig({ namespace: 'types', l2: { client: new Cluster([], { lazyConnect: true }) } });

declare const nodeRedis: {
  readonly options: object;
  duplicate(): unknown;
  sendCommand(command: string[]): Promise<unknown>;
};
// @ts-expect-error: a client of node-redis defines no commands
defineCacheConfig({ namespace: 'types', l2: { client: nodeRedis } });
