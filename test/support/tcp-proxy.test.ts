import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { TcpProxy } from './tcp-proxy';

/** Answers every byte with itself, and remembers what it heard. */
class Echo {
  heard = '';
  accepted = 0;
  private constructor(readonly server: Server) {}

  static async start(): Promise<Echo> {
    const server = createServer();
    const echo = new Echo(server);
    server.on('connection', (socket) => {
      echo.accepted += 1;
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        echo.heard += String(chunk);
        socket.write(chunk);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return echo;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

describe('TcpProxy', () => {
  let echo: Echo;
  let proxy: TcpProxy;
  const sockets: Socket[] = [];

  async function open(): Promise<Socket> {
    const socket = connect(proxy.port, proxy.host).setEncoding('utf8');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function echoed(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [answer] = await once(socket, 'data');
    return answer as string;
  }

  beforeEach(async () => {
    echo = await Echo.start();
    proxy = await TcpProxy.start(echo.port);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await proxy.close();
    echo.server.close();
  });

  it('passes bytes both ways while there is no fault, and counts connections', async () => {
    const [one, two] = [await open(), await open()];
    expect(await echoed(one, 'one')).to.equal('one');
    expect(await echoed(two, 'two')).to.equal('two');
    expect(proxy.counters).to.deep.equal({ accepted: 2, open: 2, held: 0, swallowed: 0 });
  });

  it('passes on the end of a connection, so that each side sees the other close', async () => {
    const socket = await open();
    await echoed(socket, 'x');
    socket.end();
    await once(socket, 'close');
    expect(socket.readableEnded, 'the server closed in order').to.equal(true);
  });

  it('resets open and new connections after a cut, and takes new ones after restore', async () => {
    const before = await open();
    await echoed(before, 'x');
    const closed = resetOf(before);
    proxy.cut();
    expect(await closed).to.equal('ECONNRESET');
    const during = connect(proxy.port, proxy.host);
    expect(await resetOf(during)).to.equal('ECONNRESET');
    proxy.restore();
    expect(await echoed(await open(), 'back')).to.equal('back');
    expect(proxy.counters.accepted).to.equal(3);
  });

  it('swallows what is sent into a black hole, and resets that connection at restore instead of losing its bytes', async () => {
    const [used, idle] = [await open(), await open()];
    await echoed(used, 'a');
    await echoed(idle, 'b');
    proxy.blackhole();
    used.write('lost');
    while (proxy.counters.swallowed < 4) await new Promise(setImmediate);
    expect(echo.heard).to.equal('ab');
    const closed = resetOf(used);
    proxy.restore();
    expect(await closed).to.equal('ECONNRESET');
    expect(await echoed(idle, 'c')).to.equal('c');
  });

  it('does not tell the server of a client that went away in a black hole', async () => {
    const socket = await open();
    await echoed(socket, 'x');
    proxy.blackhole();
    socket.resetAndDestroy();
    await once(socket, 'close');
    await open();
    while (echo.accepted < 2) await new Promise(setImmediate);
    expect(await connectionsOf(echo.server)).to.equal(2);
  });

  it('delays both directions', async () => {
    const socket = await open();
    proxy.delay(20);
    const start = performance.now();
    expect(await echoed(socket, 'x')).to.equal('x');
    expect(performance.now() - start).to.be.at.least(39);
  });

  it('keeps the order of what is sent when the delay becomes shorter', async () => {
    const socket = await open();
    proxy.delay(50);
    socket.write('first');
    while (proxy.counters.held < 5) await new Promise(setImmediate);
    proxy.delay(0);
    socket.write(' second');
    while (echo.heard.length < 12) await new Promise(setImmediate);
    expect(echo.heard).to.equal('first second');
    expect(proxy.counters.held).to.equal(0);
  });

  it('cuts a connection whose end is just being passed on as well', async () => {
    // It takes one turn of the event loop for an end to leave: of many connections some are cut in it.
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const socket = await open();
      while (proxy.counters.open === 0) await new Promise(setImmediate);
      proxy.delay(1);
      socket.end('bye');
      while (proxy.counters.held === 0) await new Promise(setImmediate);
      while (proxy.counters.held > 0) await new Promise((resolve) => setTimeout(resolve));
      proxy.cut();
      while (proxy.counters.open > 0) await new Promise(setImmediate);
      proxy.restore();
    }
  });
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

async function resetOf(socket: Socket): Promise<unknown> {
  const [error] = await once(socket, 'error');
  return (error as NodeJS.ErrnoException).code;
}
