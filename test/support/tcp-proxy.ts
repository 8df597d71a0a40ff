/**
 * A TCP proxy on the loopback in front of one port, which can cut, swallow, delay or slow down what passes through it.
 * It keeps the promise of TCP that bytes are never lost from the middle of a stream: a connection that lost bytes in a
 * black hole is reset when the proxy is restored.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type Mode = 'pass' | 'cut' | 'blackhole';

export interface ProxyCounters {
  /** Connections that clients made, those included that were cut at once. */
  readonly accepted: number;
  /** Connections that are not closed on both sides yet. */
  readonly open: number;
  /** Bytes that a delay holds back now. */
  readonly held: number;
  /** Bytes that a black hole has swallowed. */
  readonly swallowed: number;
}

const HOST = '127.0.0.1';

// Captured at load: a test's fake timers must not hold back bytes.
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

export class TcpProxy {
  readonly host = HOST;
  readonly port: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #mode: Mode = 'pass';
  #delayMs = 0;
  #bytesPerMs = Number.POSITIVE_INFINITY;
  #accepted = 0;
  #held = 0;
  #swallowed = 0;

  private constructor(
    server: Server,
    private targetPort: number,
  ) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, HOST);
    await once(server, 'listening');
    return new TcpProxy(server, targetPort);
  }

  get counters(): ProxyCounters {
    return { accepted: this.#accepted, open: this.#links.size, held: this.#held, swallowed: this.#swallowed };
  }

  /** Resets every connection, and every new one as soon as it is made, until `restore`. */
  cut(): void {
    this.#mode = 'cut';
    for (const link of this.#links) link.reset();
  }

  /** From now on it stands in front of another port: every connection is reset, and leads there when it is made again. */
  lead(targetPort: number): void {
    this.targetPort = targetPort;
    for (const link of this.#links) link.reset();
  }

  /** From now on new connections lead to another port. Those that are open stay: as when an address moves. */
  move(targetPort: number): void {
    this.targetPort = targetPort;
  }

  /** Keeps connections open, takes new ones, and swallows all that is sent either way, until `restore`. */
  blackhole(): void {
    this.#mode = 'blackhole';
  }

  /** Forwards everything, in order, this much later in each direction. 0 ends the delay for what is sent from then on. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Lets so many bytes a millisecond pass in each direction of a connection: 12,500 are 100 Mbit/s. */
  throttle(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
  }

  /** Ends every fault. Connections that lost bytes are reset. */
  restore(): void {
    this.#mode = 'pass';
    this.#delayMs = 0;
    this.#bytesPerMs = Number.POSITIVE_INFINITY;
    for (const link of this.#links) if (link.lostBytes) link.reset();
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    if (this.#mode === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.targetPort, host: HOST, allowHalfOpen: true, noDelay: true });
    const link = new Link(client, upstream, {
      swallows: (bytes) => {
        if (this.#mode !== 'blackhole') return false;
        this.#swallowed += bytes;
        return true;
      },
      delayMs: () => this.#delayMs,
      bytesPerMs: () => this.#bytesPerMs,
      holds: (bytes) => {
        this.#held += bytes;
      },
    });
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
  }
}

interface Faults {
  /** Asked for each piece that arrives; 0 bytes stands for the end of a direction. */
  swallows(bytes: number): boolean;
  delayMs(): number;
  bytesPerMs(): number;
  /** Told how many bytes were queued, and, as a negative number, how many have left the queue. */
  holds(bytes: number): void;
}

/** One client connection and its way to the server. */
class Link {
  lostBytes = false;
  /** Resolves when both sides are closed. */
  readonly ended: Promise<unknown>;
  readonly #ends: readonly [Socket, Socket];

  constructor(client: Socket, upstream: Socket, faults: Faults) {
    this.#ends = [client, upstream];
    this.ended = Promise.all(
      this.#ends.map((end) => new Promise<void>((resolve) => end.once('close', () => resolve()))),
    );
    this.#pump(client, upstream, faults);
    this.#pump(upstream, client, faults);
  }

  reset(): void {
    for (const end of this.#ends) reset(end);
  }

  #pump(from: Socket, to: Socket, faults: Faults): void {
    const queue: { readonly due: number; readonly bytes: number; readonly send: () => void }[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let freeAt = 0;
    const flush = () => {
      timer = undefined;
      while (queue[0] !== undefined && queue[0].due <= now()) {
        faults.holds(-queue[0].bytes);
        queue.shift()?.send();
      }
      if (queue[0] !== undefined) timer = setTimeout(flush, Math.max(1, queue[0].due - now()));
    };
    const forward = (bytes: number, send: () => void) => {
      if (faults.swallows(bytes)) {
        this.lostBytes = true;
        return;
      }
      faults.holds(bytes);
      // If the delay has become shorter this may be due before the head of the queue, but it waits for it.
      freeAt = Math.max(freeAt, now()) + bytes / faults.bytesPerMs();
      queue.push({ due: freeAt + faults.delayMs(), bytes, send });
      if (timer === undefined) flush();
    };
    from.on('data', (chunk) => forward(chunk.length, () => to.write(chunk)));
    from.on('end', () => forward(0, () => to.end()));
    from.on('error', () => undefined);
    from.on('close', (failed) => {
      // What an orderly end left in the queue is still on its way.
      if (!failed && from.readableEnded) return;
      clearTimeout(timer);
      for (const { bytes } of queue.splice(0)) faults.holds(-bytes);
      if (faults.swallows(0)) this.lostBytes = true;
      else reset(to);
    });
  }
}

/** Not while an orderly end is on its way out: the system refuses to reset such a socket, and Node would never close it. */
function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
