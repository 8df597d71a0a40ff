/**
 * A TCP proxy on the loopback that counts round trips: how often a client spoke after its server had the last word.
 * However the bytes are split on the way, what a client sends without waiting is one round trip.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

export class CountingProxy {
  roundTrips = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, connect(targetPort, HOST)));
  }

  static async start(targetPort: number): Promise<CountingProxy> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, HOST), 'listening');
    return new CountingProxy(server, targetPort);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    let clientSpoke = false;
    client.on('data', () => {
      if (!clientSpoke) this.roundTrips += 1;
      clientSpoke = true;
    });
    server.on('data', () => {
      clientSpoke = false;
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}
