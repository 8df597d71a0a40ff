/**
 * `doctor`: whether a Redis server can be L2, what it lacks, and what the lack costs. It asks the server what a cache asks
 * it at connect, and changes nothing. With `--url` it also asks whether the endpoints of a service are protected.
 */
import { busOf } from '../../coherence/bus';
import { INVALIDATIONS } from '../../coherence/tracking';
import { resolveConfig } from '../../config/define';
import { systemClock, withTimeout } from '../../contract/clock';
import { type Clients, clientsOf } from '../../redis/connection';
import { handshake } from '../../redis/handshake';
import { TRIAL_PREFIX } from '../../redis/redis-connection';
import type { RedisLike, ScriptMethods } from '../../redis/redis-like';
import { SCRIPTS } from '../../redis/scripts';
import { aligned } from '../catalog/map-text';
import { type Command, CommandError, done, JSON_HELP, JSON_OPTION, jsonText } from './command';
import { SERVICE_HELP, SERVICE_OPTIONS } from './service';

type Client = ReturnType<Extract<Clients, { kind: 'one' }>['newClient']>;

/** `problem`: the cache cannot use the server, or not fully. `note`: it can, and should be known. */
interface Diagnosis {
  readonly state: 'ok' | 'note' | 'problem';
  readonly subject: string;
  readonly text: string;
}

const LIMIT_MS = 3_000;
const PINGS = 20;
/** Of the default deadline of a command, 50 ms: more leaves no room for a busy moment. */
const SLOW_MS = 10;
const CLOCKS_DIFFER_MS = 1_000;

export const doctor: Command = {
  name: 'doctor',
  group: 'Redis',
  synopsis: 'doctor <redis-url>',
  summary: 'Whether a server can be used, what it refuses, and what that costs.',
  options: { ...SERVICE_OPTIONS, ...JSON_OPTION, namespace: { type: 'string' } },
  help: [
    ['<redis-url>', 'Such as redis://user:password@localhost:6379/0. Default: REDIS_URL.'],
    ['--namespace <name>', 'That of the cache: permissions may depend on it. Default: tiercel.'],
    ...SERVICE_HELP,
    JSON_HELP,
  ],
  async run([given, ...surplus], values, { env }) {
    const redisUrl = given ?? env['REDIS_URL'];
    if (redisUrl === undefined || surplus.length > 0)
      throw new CommandError('It takes the URL of one Redis server, or REDIS_URL.');
    const namespace = String(values['namespace'] ?? 'tiercel');
    const url = values['url'] ?? env['TIERCEL_URL'];
    const found = [
      ...(await serverDiagnoses(redisUrl, namespace)),
      ...(url === undefined ? [] : await endpointDiagnoses(String(url))),
    ];
    const out = values['json'] === true ? jsonText(found) : textOf(found);
    return done(out, found.some(({ state }) => state === 'problem') ? 1 : 0);
  },
};

const SIGNS = { ok: '✓', note: 'i', problem: '✗' } as const;

function textOf(found: readonly Diagnosis[]): string {
  return aligned(found.map(({ state, subject, text }) => [SIGNS[state], subject, text]));
}

async function serverDiagnoses(url: string, namespace: string): Promise<readonly Diagnosis[]> {
  const { l2 } = resolveConfig({ namespace, l2: { url } });
  const clients = l2 === false ? undefined : clientsOf(l2.connection);
  if (clients?.kind !== 'one') throw new CommandError('The URL must name one server.');
  const client = clients.newClient();
  try {
    const connected = await connect(client);
    if (connected !== undefined) return [{ state: 'problem', subject: 'connection', text: connected }];
    return [
      await version(client),
      ...(await commands(client, namespace)),
      await channel(clients.newClient(), namespace),
      await memory(client),
      await clock(client),
      await distance(client),
    ];
  } finally {
    client.disconnect();
  }
}

/** Why it cannot be reached; undefined if it can. */
async function connect(client: Client): Promise<string | undefined> {
  let reason = `no answer within ${LIMIT_MS} ms`;
  client.on('error', (error: Error) => {
    reason = error.message;
  });
  const ready = client.connect().catch((error: Error) => {
    reason = reason.startsWith('no answer') ? error.message : reason;
  });
  await withTimeout(systemClock, ready, LIMIT_MS);
  return client.status === 'ready' ? undefined : reason;
}

async function version(client: Client): Promise<Diagnosis> {
  const info = await answer(client.info('server'));
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  const redis = /^redis_version:(\S+)/m.exec(info)?.[1];
  const subject = 'version';
  if (redis === undefined) return { state: 'note', subject, text: 'unknown: INFO is refused' };
  const name = valkey === undefined ? `Redis ${redis}` : `Valkey ${valkey}`;
  const major = Number.parseInt(redis, 10);
  if (major < 6)
    return { state: 'problem', subject, text: `${name}: 6.2 or later is needed, 7 is recommended` };
  if (major < 7)
    return { state: 'note', subject, text: `${name}: leases are taken by a script, which 7 does without` };
  return { state: 'ok', subject, text: name };
}

/** What a cache tries at connect. */
async function commands(client: Client, namespace: string): Promise<readonly Diagnosis[]> {
  for (const [name, script] of Object.entries(SCRIPTS)) client.defineCommand(name, script);
  const subject = 'commands';
  try {
    const expected = {
      database: client.options.db ?? 0,
      name: `${namespace}:${TRIAL_PREFIX}`,
      isOneOfMany: false,
    };
    const { isMaster } = await handshake(client as unknown as RedisLike & ScriptMethods, expected);
    const user = await answer(client.call('ACL', 'WHOAMI'));
    const role: Diagnosis = isMaster
      ? { state: 'ok', subject: 'role', text: 'master' }
      : {
          state: 'problem',
          subject: 'role',
          text: 'a replica: nothing can be stored. Name the master, or l2.sentinels',
        };
    return [
      role,
      { state: 'ok', subject, text: `all that L2 needs${user === '' ? '' : `, as user ${user}`}` },
    ];
  } catch (error) {
    return [{ state: 'problem', subject, text: (error as Error).message }];
  }
}

/** How this process would hear of the changes of others. */
async function channel(client: Client, namespace: string): Promise<Diagnosis> {
  const subject = 'channel';
  const reason = await connect(client);
  try {
    if (reason !== undefined) throw new Error(reason);
    const id = String(await client.call('CLIENT', 'ID'));
    await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', `${namespace}:`);
    await client.subscribe(INVALIDATIONS);
    return { state: 'ok', subject, text: 'tracking: Redis reports every change, by whomever' };
  } catch (error) {
    const isHeard = await client.subscribe(busOf(namespace)).then(
      () => true,
      () => false,
    );
    const refused = (error as Error).message;
    return isHeard
      ? {
          state: 'note',
          subject,
          text: `pub/sub, since tracking is refused (${refused}): evictions, and changes by others than caches, go unheard`,
        }
      : { state: 'problem', subject, text: `none (${refused}): L1 is not used` };
  } finally {
    client.disconnect();
  }
}

async function memory(client: Client): Promise<Diagnosis> {
  const info = await answer(client.info('memory'));
  const field = (name: string): string => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  const subject = 'memory';
  const policy = field('maxmemory_policy');
  if (Number(field('maxmemory')) === 0)
    return { state: 'ok', subject, text: 'no limit of its own (maxmemory 0)' };
  const limit = `maxmemory ${field('maxmemory_human')}, ${policy}`;
  if (policy === 'noeviction')
    return {
      state: 'note',
      subject,
      text: `${limit}: if it is full, nothing new is stored. volatile-ttl or allkeys-lru makes room`,
    };
  return policy.startsWith('allkeys')
    ? {
        state: 'note',
        subject,
        text: `${limit}: generation keys can be evicted too, which invalidates their entries`,
      }
    : { state: 'ok', subject, text: limit };
}

async function clock(client: Client): Promise<Diagnosis> {
  const subject = 'clock';
  const before = Date.now();
  const time = await client.time().catch(() => undefined);
  if (time === undefined) return { state: 'problem', subject, text: 'TIME is refused' };
  const differenceMs = Math.round(
    Number(time[0]) * 1_000 + Number(time[1]) / 1_000 - (before + Date.now()) / 2,
  );
  const text = `${differenceMs} ms from this machine's; entries expire by the server's`;
  return { state: Math.abs(differenceMs) > CLOCKS_DIFFER_MS ? 'note' : 'ok', subject, text };
}

async function distance(client: Client): Promise<Diagnosis> {
  const times: number[] = [];
  for (let i = 0; i < PINGS; i += 1) {
    const start = performance.now();
    await client.ping().catch(() => undefined);
    times.push(performance.now() - start);
  }
  const median = times.sort((a, b) => a - b)[PINGS / 2]!;
  const text = `${median.toFixed(1)} ms for a round trip`;
  return median > SLOW_MS
    ? { state: 'note', subject: 'distance', text: `${text}: consider a longer l2.deadline than 50 ms` }
    : { state: 'ok', subject: 'distance', text };
}

/** Without a token, figures and routes must not be for everybody. */
async function endpointDiagnoses(url: string): Promise<readonly Diagnosis[]> {
  const subject = 'endpoints';
  const response = await fetch(`${url.replace(/\/$/, '')}/stats`, {
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: Error) => error);
  if (response instanceof Error) return [{ state: 'problem', subject, text: `${url} does not answer` }];
  return response.ok
    ? [
        {
          state: 'note',
          subject,
          text: 'everybody may read the figures: set protectReads, or keep the port private',
        },
      ]
    : [{ state: 'ok', subject, text: `protected: ${response.status} without a token` }];
}

/** '' if it is refused. */
async function answer(reply: Promise<unknown>): Promise<string> {
  return String(await reply.catch(() => ''));
}
