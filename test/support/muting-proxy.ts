/**
 * A TCP proxy on the loopback that can keep from a client what it has subscribed to, while its other connections go on:
 * as if the messages were still on their way.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

export class MutingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The server's ends of connections on which a client has subscribed to something. */
  readonly #channels = new Set<Socket>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, connect(targetPort, HOST)));
  }

  static async start(targetPort: number): Promise<MutingProxy> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, HOST), 'listening');
    return new MutingProxy(server, targetPort);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing reaches subscribers; fails without a subscriber, since it would have no effect. */
  mute(): void {
    if (this.#channels.size === 0) throw new Error('nobody has subscribed through this proxy');
    for (const channel of this.#channels) channel.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    client.on('data', (bytes) => {
      if (/\bsubscribe\b/i.test(bytes.toString('latin1'))) this.#channels.add(server);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
