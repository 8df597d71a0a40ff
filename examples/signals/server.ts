/** The cache's endpoints and its dashboard over plain HTTP, for this machine alone. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TiercelCache } from 'tiercel';
import { createCacheHandler } from 'tiercel/http';
import { UsageError } from './options';

export interface Served {
  readonly dashboard: string;
  /** The token that changes the cache. */
  readonly token: string;
  close(): Promise<void>;
}

/**
 * @param port 0: any free one
 * @throws UsageError if it is taken
 */
export async function serve(cache: TiercelCache, port: number): Promise<Served> {
  const token = process.env['CACHE_TOKEN'] || randomBytes(12).toString('hex');
  // Reading is open here: the server listens on the loopback only.
  const server = createServer(createCacheHandler(cache, { token, protectReads: false }));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: Error) => {
    throw new UsageError(`--serve ${port}: ${error.message}`);
  });
  return {
    dashboard: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cache`,
    token,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // A browser that shows the dashboard keeps its connection.
      server.closeAllConnections();
      await closed;
    },
  };
}
