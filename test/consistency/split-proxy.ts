/**
 * A proxy that tells a cache's subscriber from its other connections, and treats the two differently. It can make the
 * subscriber deaf: what its server sends is dropped, what it sends itself arrives, and no side learns of it, so that only
 * a heartbeat can find out. And it can hold back all other replies: then a process hears of a change before it gets the
 * reply that was sent before that change.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** A connection that has sent this word is a subscriber's. */
const SUBSCRIBE = /\bsubscribe\b/i;

export class SplitProxy {
  readonly #server: Server;
  readonly #replyDelayMs: number;
  readonly #subscribers = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  #deaf = false;

  private constructor(server: Server, targetPort: number, replyDelayMs: number) {
    this.#server = server;
    this.#replyDelayMs = replyDelayMs;
    server.on('connection', (client) => this.#join(client, connect(targetPort, HOST)));
  }

  /** @param replyDelayMs how long replies to others than subscribers are held back, in ms */
  static async start(targetPort: number, replyDelayMs = 0): Promise<SplitProxy> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, HOST), 'listening');
    return new SplitProxy(server, targetPort, replyDelayMs);
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
      if (!this.#subscribers.has(client)) this.#reply(client, chunk);
      else if (!this.#deaf) client.write(chunk);
    });
  }

  /** One delay for all, so that timers fire in the order of the replies. */
  #reply(client: Socket, chunk: Buffer): void {
    if (this.#replyDelayMs === 0) client.write(chunk);
    else setTimeout(() => client.writable && client.write(chunk), this.#replyDelayMs);
  }
}
