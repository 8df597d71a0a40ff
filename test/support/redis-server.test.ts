import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { RedisServer } from './redis-server';

/** Its errors are expected: they reach the test through the commands. */
function silent(client: Redis): Redis {
  return client.on('error', () => undefined);
}

async function ask(server: RedisServer, ...command: [string, ...string[]]): Promise<unknown> {
  const client = silent(new Redis(server.url, { retryStrategy: null, lazyConnect: true }));
  try {
    await client.connect();
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}

async function folderOf(server: RedisServer): Promise<string> {
  return ((await ask(server, 'CONFIG', 'GET', 'dir')) as [string, string])[1];
}

describe('RedisServer', () => {
  const started: RedisServer[] = [];
  const start: typeof RedisServer.start = async (options) => {
    const server = await RedisServer.start(options);
    started.push(server);
    return server;
  };

  afterEach(async () => {
    for (const server of started.splice(0)) await server.stop();
  });

  it('answers as soon as start resolves, and servers started at once do not share a port', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    expect(await Promise.all(servers.map((server) => ask(server, 'PING')))).to.deep.equal([
      'PONG',
      'PONG',
      'PONG',
    ]);
    expect(new Set(servers.map(({ port }) => port)).size).to.equal(3);
  });

  it('asks for the password that it was started with, and passes further arguments on', async () => {
    const server = await start({ password: 'p@ss:/word', args: ['--maxmemory', '3mb'] });
    expect(await ask(server, 'CONFIG', 'GET', 'maxmemory')).to.deep.equal(['maxmemory', '3145728']);
    const stranger = silent(new Redis(server.port, server.host, { retryStrategy: null }));
    await stranger.get('k').then(
      () => expect.fail('read without the password'),
      (error: Error) => expect(error.message).to.contain('NOAUTH'),
    );
    stranger.disconnect();
  });

  it('reports what Redis said when it refuses to start', async () => {
    await RedisServer.start({ args: ['--no-such-option', '1'] }).then(
      () => expect.fail('started'),
      (error: Error) => expect(error.message).to.contain('no-such-option'),
    );
  });

  it('comes back empty on its port after a kill', async () => {
    const server = await start();
    const { port } = server;
    await ask(server, 'SET', 'k', 'v');
    await server.kill();
    expect(server.running).to.equal(false);
    await ask(server, 'PING').then(
      () => expect.fail('answered after the kill'),
      (error: NodeJS.ErrnoException) => expect(error.message).to.match(/ECONNREFUSED|closed/),
    );
    await server.restart();
    expect(server.port).to.equal(port);
    expect(await ask(server, 'GET', 'k')).to.equal(null);
  });

  it('takes connections but does not answer while paused, and answers what it was asked once resumed', async () => {
    const server = await start();
    const client = new Redis(server.url);
    await client.ping();
    await server.pause();
    const answers: string[] = [];
    const reply = client.ping('asked while paused').then((text) => answers.push(text));
    const bystander = await start();
    await ask(bystander, 'PING');
    expect(answers).to.deep.equal([]);
    server.resume();
    await reply;
    expect(answers).to.deep.equal(['asked while paused']);
    client.disconnect();
  });

  it('can be stopped while it is paused, and removes its folder', async () => {
    const server = await start();
    const folder = await folderOf(server);
    expect(existsSync(folder)).to.equal(true);
    await server.pause();
    await server.stop();
    expect(existsSync(folder)).to.equal(false);
  });

  it('ends with the test process and leaves no folder, even when that is killed', async () => {
    const owner = spawn(process.execPath, ['-r', join(__dirname, 'transpile.cjs'), '-e', OWNER], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { url, folder } = JSON.parse(await firstLine(owner)) as { url: string; folder: string };
    const client = new Redis(url, { retryStrategy: null });
    await client.ping();
    const closed = once(client, 'end');
    owner.kill('SIGKILL');
    await closed;
    while (existsSync(folder)) await new Promise(setImmediate);
  });
});

/** A process that starts a server, says where, and then idles until it is killed. */
const OWNER = `
  const { RedisServer } = require('./test/support/redis-server');
  const { Redis } = require('ioredis');
  RedisServer.start().then(async (server) => {
    const [, folder] = await new Redis(server.url).config('GET', 'dir');
    console.log(JSON.stringify({ url: server.url, folder }));
  });
`;

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error(`no line, but: ${text}`);
}
