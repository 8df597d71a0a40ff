/**
 * A proxy in which only the subscriber goes deaf: what its server sends is dropped, what it sends itself arrives, and no
 * side learns of it. A cut or a full black hole would be noticed by other means; this is what only a heartbeat can find.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** A connection that has sent this word is a subscriber's. */
const SUBSCRIBE = /\bsubscribe\b/i;

export class HalfOpenProxy {
  readonly #server: Server;
  readonly #subscribers = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  #deaf = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, connect(targetPort, HOST)));
  }

  static async start(targetPort: number): Promise<HalfOpenProxy> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, HOST), 'listening');
    return new HalfOpenProxy(server, targetPort);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** New subscribers are deaf as well, until `restore`. */
  deafen(): void {
    this.#deaf = true;
  }

  /** Ends connections that have lost bytes: a stream of TCP never goes on behind a gap. */
  restore(): void {
    this.#deaf = false;
    for (const subscriber of this.#subscribers) subscriber.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, peer] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#subscribers.delete(socket);
        peer.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (SUBSCRIBE.test(chunk.toString('latin1'))) this.#subscribers.add(client);
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!this.#deaf || !this.#subscribers.has(client)) client.write(chunk);
    });
  }
}
