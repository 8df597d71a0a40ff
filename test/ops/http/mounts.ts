/**
 * The ways in which an application mounts the endpoints at `/cache`, each as a function that sends it a request. What one
 * of them answers, all must answer.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import Fastify from 'fastify';
import type { CacheHandler } from '../../../src/ops/http/cache-handler';

export interface Mounted {
  /** `undefined` where there is no server: requests reach the handler directly. */
  readonly port: number | undefined;
  send(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export type Mount = (handler: CacheHandler) => Promise<Mounted>;

export const MOUNTS: Readonly<Record<string, Mount>> = {
  'node:http': (handler) => served(createServer(handler)),
  fetch: async (handler) => ({
    port: undefined,
    send: (path, init) => handler.fetch(new Request(`http://localhost${path}`, init)),
    close: async () => {},
  }),
  Express: (handler) => served(createServer(express().use(handler))),
  'Express, below a prefix and behind a body parser': (handler) =>
    served(
      createServer(
        express()
          .use(express.json({ strict: false }), express.urlencoded({ extended: true }))
          .use('/cache', handler),
      ),
    ),
  Fastify: async (handler) => {
    const app = Fastify();
    app.register(handler.fastify);
    await app.listen({ host: '127.0.0.1', port: 0 });
    return over(app.server, () => app.close());
  },
};

/** Listens on loopback. */
export async function served(server: Server): Promise<Mounted> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return over(server, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

export function over(server: Server, close: () => Promise<unknown>): Mounted {
  const { port } = server.address() as AddressInfo;
  return {
    port,
    send: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    close: async () => {
      server.closeAllConnections();
      await close();
    },
  };
}

/** The code in an answer that is well-formed: JSON with one `error` of one `code` and one `message`. */
export async function errorCode(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return Object.keys(error).join() === 'code,message' && error.message !== '' ? error.code : 'malformed';
}
