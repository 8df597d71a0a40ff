/**
 * A private, real Redis for one suite: own process, own port, own temporary folder, reachable on the loopback only.
 * Whatever happens to the test process, its servers end and their folders go. Refuses to touch any other Redis.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMIT_MS } from './pace';
import { requireRedisBinary } from './redis-binary';

export interface RedisServerOptions {
  /** Further arguments, after the server's own: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  readonly password?: string;
  /** A sentinel, which watches nothing yet; it keeps its configuration in the server's folder. */
  readonly sentinel?: boolean;
}

interface Running {
  readonly server: ChildProcess & { readonly pid: number };
  readonly guard: ChildProcess;
}

const HOST = '127.0.0.1';
/** Below the ports that systems hand out to outgoing connections, which could take the port between kill and restart. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const ATTEMPTS = 20;

/** Reads the server's process id, and then waits for the end of its input: the end of the test process, even by SIGKILL. */
const GUARD_SCRIPT = 'read -r pid; cat > /dev/null; kill -9 "$pid" 2> /dev/null; rm -rf "$1"';

// Captured at load: a test's fake timers must not stop the server from starting.
const { setTimeout, clearTimeout, setImmediate } = globalThis;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class PortTaken extends Error {}

export class RedisServer {
  readonly host = HOST;
  readonly #binary = requireRedisBinary();
  readonly #options: RedisServerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tiercel-redis-'));
  #port = 0;
  #running: Running | undefined;

  private constructor(options: RedisServerOptions) {
    this.#options = options;
  }

  /** Resolves when the server answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(options);
    for (let attempt = 1; ; attempt += 1) {
      try {
        server.#port = await freePort();
        await server.#launch();
        return server;
      } catch (error) {
        if (!(error instanceof PortTaken) || attempt === ATTEMPTS) {
          rmSync(server.#folder, { recursive: true, force: true });
          throw error;
        }
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { password } = this.#options;
    return `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}${HOST}:${this.#port}`;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Orderly: the server closes its connections, and its folder is removed. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** SIGKILL. Port and folder are kept for `restart`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGSTOP: connections stay open, nothing answers. Resolves when the process has come to rest. */
  async pause(): Promise<void> {
    const { pid } = this.#process();
    process.kill(pid, 'SIGSTOP');
    while (!isStopped(pid)) await turn();
  }

  resume(): void {
    process.kill(this.#process().pid, 'SIGCONT');
  }

  /** Ends the server in order if it runs, and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.#launch();
  }

  #process(): Running['server'] {
    if (this.#running === undefined)
      throw new Error(`The Redis server on port ${this.#port} is not running.`);
    return this.#running.server;
  }

  async #launch(): Promise<void> {
    const { args = [], password, sentinel = false } = this.#options;
    mkdirSync(this.#folder, { recursive: true });
    const own = [
      '--port',
      `${this.#port}`,
      '--bind',
      HOST,
      '--dir',
      this.#folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const login = password === undefined ? [] : ['--requirepass', password];
    const file = join(this.#folder, 'sentinel.conf');
    if (sentinel) writeFileSync(file, '');
    const mode = sentinel ? [file, '--sentinel'] : [];
    // Before the server, so that there is no moment without a guard.
    const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', this.#folder], {
      // Its own process group: an interrupt from the keyboard must not end the guard before the others.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const server = spawn(this.#binary, [...mode, ...own, ...login, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = server;
    if (pid === undefined) {
      guard.kill('SIGKILL');
      const [error] = await once(server, 'error');
      throw error;
    }
    guard.stdin.write(`${pid}\n`);
    this.#running = { server: Object.assign(server, { pid }), guard };
    try {
      await announced(server);
      await this.#answers(pid);
    } catch (error) {
      await this.#end('SIGKILL');
      throw error;
    }
    releaseProcess(server, guard);
  }

  /** Another program may have taken the port just before: the answer must come from our own process. */
  async #answers(pid: number): Promise<void> {
    const { password } = this.#options;
    const login = password === undefined ? [] : [['AUTH', password]];
    const reply = await exchange(this.#port, [...login, ['PING'], ['INFO', 'server'], ['QUIT']]);
    if (!reply.includes('+PONG'))
      throw new Error(`Redis on port ${this.#port} does not answer PING: ${reply}`);
    if (!reply.includes(`process_id:${pid}\r\n`)) throw new PortTaken();
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#running === undefined) return;
    const { server, guard } = this.#running;
    this.#running = undefined;
    if (server.exitCode === null && server.signalCode === null) {
      server.ref();
      const exited = once(server, 'exit');
      server.kill(signal);
      server.kill('SIGCONT');
      await exited;
    }
    // Last, so that there is no moment without a guard; and at once, as the process id may soon be another's.
    guard.kill('SIGKILL');
  }
}

/** A server that a test forgot to stop must not keep the test process from ending; the guard sees to it. */
function releaseProcess(server: ChildProcess, guard: ChildProcess): void {
  for (const child of [server, guard]) child.unref();
  for (const stream of [server.stdout, server.stderr, guard.stdin]) {
    (stream as unknown as { unref(): void } | null)?.unref();
  }
}

async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, HOST, () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
  throw new Error(`No free port in ${ATTEMPTS} attempts from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1}.`);
}

/** Resolves when the server says that it is ready; rejects when it exits, or takes too long. */
function announced(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (reason: string) => reject(new Error(`Redis did not start: ${reason}\n${log}`));
    const timer = setTimeout(() => fail(`not ready after ${LIMIT_MS} ms`), LIMIT_MS);
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      if (!/Ready to accept connections|Sentinel ID is/.test(log)) return;
      clearTimeout(timer);
      server.off('exit', onExit);
      // Kept flowing: a full pipe would block the server.
      for (const stream of [server.stdout, server.stderr]) stream?.off('data', read).resume();
      resolve();
    };
    const onExit = (code: number | null) => {
      clearTimeout(timer);
      if (log.includes('Address already in use')) reject(new PortTaken());
      else fail(`exit code ${code}`);
    };
    server.once('exit', onExit);
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
  });
}

/** Sends commands on a connection of its own, and resolves to all that was answered before the server closed it. */
function exchange(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let replies = '';
    const socket = connect(port, HOST);
    socket.setEncoding('utf8');
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`No answer on port ${port}: ${replies}`)));
    socket.on('data', (chunk) => {
      replies += chunk;
      // A sentinel has no QUIT; its refusal is the last word, too.
      if (replies.includes("unknown command 'QUIT'")) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(replies));
    for (const words of commands) {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join('')}`);
    }
  });
}

function isStopped(pid: number): boolean {
  const state = existsSync('/proc/self/stat')
    ? // The name before the state may hold anything but ends with the last parenthesis.
      readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)\s*/s, '')
    : execFileSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' });
  return state.trimStart().startsWith('T');
}
