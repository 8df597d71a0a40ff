/**
 * Reads the connection options of `l2` into one tagged union. It refuses two locations of Redis, and never repeats a URL
 * or a password in a message.
 */
import { isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { IoredisClient } from './cache-config';
import { describe } from './describe';
import type { ConnectionConfig, ConnectionLogin, NodeAddress } from './resolved';
import { Section } from './section';

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;
const HOST_NAME = /^[\p{L}\p{N}._-]+$/u;
const PLACES = ['url', 'host', 'cluster', 'sentinels', 'client'] as const;

interface Options extends ConnectionLogin {
  readonly db: number | undefined;
  readonly port: number | undefined;
  readonly name: string | undefined;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** `undefined` if no option locates Redis, or the one that does is wrong. */
export function readConnection(l2: Section): ConnectionConfig | undefined {
  const options: Options = {
    username: l2.text('username'),
    password: l2.text('password'),
    tls: readTls(l2),
    db: l2.numeral('db', { from: 0, to: 1_000_000, fallback: undefined }),
    port: l2.numeral('port', { from: 1, to: 65_535, fallback: undefined }),
    name: l2.text('name'),
    sentinelUsername: l2.text('sentinelUsername'),
    sentinelPassword: l2.text('sentinelPassword'),
  };
  const given = PLACES.filter((place) => l2.value(place) !== undefined && l2.value(place) !== '');
  const [place, ...others] = given;
  if (place === undefined) return undefined;
  if (others.length > 0) {
    l2.problems.push({ path: l2.path, expected: `one of ${PLACES.join(', ')}`, got: given.join(' and ') });
    return undefined;
  }
  return READERS[place](l2, options);
}

const READERS: Readonly<
  Record<(typeof PLACES)[number], (l2: Section, options: Options) => ConnectionConfig | undefined>
> = {
  url(l2, options) {
    const url = readUrl(l2);
    if (url === undefined) return undefined;
    const elsewhere = 'to be left out, as l2.url contains it';
    refuse(l2, 'username', url.username === '' ? undefined : options.username, elsewhere);
    refuse(l2, 'password', url.password === '' ? undefined : options.password, elsewhere);
    refuse(l2, 'db', url.pathname.length < 2 ? undefined : options.db, elsewhere);
    refuse(l2, 'port', options.port, elsewhere);
    refuseSentinelOptions(l2, options);
    return { kind: 'url', url: l2.value('url') as string, db: options.db, ...login(options) };
  },

  host(l2, options) {
    const host = readHost(l2);
    refuseSentinelOptions(l2, options);
    if (host === undefined) return undefined;
    return { kind: 'host', host, port: options.port ?? REDIS_PORT, db: options.db, ...login(options) };
  },

  cluster(l2, options) {
    const nodes = readNodes(l2, 'cluster', REDIS_PORT);
    refuse(l2, 'port', options.port, 'to be given with each node of l2.cluster');
    refuse(l2, 'db', options.db || undefined, 'to be left out: a cluster has database 0 only');
    refuseSentinelOptions(l2, options);
    return { kind: 'cluster', nodes, ...login(options) };
  },

  sentinels(l2, options) {
    const sentinels = readNodes(l2, 'sentinels', SENTINEL_PORT);
    const { name, db, sentinelUsername, sentinelPassword } = options;
    refuse(l2, 'port', options.port, 'to be given with each of l2.sentinels');
    if (name === undefined) {
      l2.problem('name', 'the name of the master that the sentinels watch', 'nothing');
      return undefined;
    }
    return { kind: 'sentinel', sentinels, name, db, sentinelUsername, sentinelPassword, ...login(options) };
  },

  client(l2, options) {
    for (const [name, value] of Object.entries(options)) {
      refuse(l2, name, value, 'to be left out, as l2.client has its own');
    }
    const client = l2.value('client');
    if (isIoredis(client)) return { kind: 'client', client };
    l2.problem('client', 'an ioredis Redis or Cluster', describe(client));
    return undefined;
  },
};

function login({ username, password, tls }: Options): ConnectionLogin {
  return { username, password, tls };
}

/** The value is not shown: it may be a password. */
function refuse(l2: Section, name: string, value: unknown, expected: string): void {
  if (value !== undefined) l2.problem(name, expected, 'a value');
}

function refuseSentinelOptions(l2: Section, options: Options): void {
  for (const name of ['name', 'sentinelUsername', 'sentinelPassword'] as const) {
    refuse(l2, name, options[name], 'to be left out, as it belongs to l2.sentinels');
  }
}

function readUrl(l2: Section): URL | undefined {
  const expected = 'a URL such as redis://host:6379/0, or rediss:// for TLS';
  const text = l2.value('url');
  if (typeof text !== 'string' || !URL.canParse(text)) {
    l2.problem('url', expected, typeof text === 'string' ? 'a string that is not a URL' : describe(text));
    return undefined;
  }
  const url = new URL(text);
  const fault = faultOf(url);
  if (fault === undefined) return url;
  l2.problem('url', expected, fault);
  return undefined;
}

function faultOf({ protocol, hostname, port, pathname, hash }: URL): string | undefined {
  if (protocol !== 'redis:' && protocol !== 'rediss:') return 'a URL of another scheme';
  if (!isHost(hostname.replace(/^\[(.*)\]$/, '$1'))) return 'a URL without a proper host';
  if (port === '0') return 'a URL with port 0';
  if (!/^(?:\/\d*)?$/.test(pathname)) return 'a URL whose path is not the number of a database';
  // If a password was not encoded, its '#' has cut the URL short.
  if (hash !== '') return "a URL with '#', which must be written %23";
  return undefined;
}

function readHost(section: Section): string | undefined {
  const host = section.value('host');
  if (typeof host === 'string' && isHost(host)) return host;
  section.problem('host', 'a host name or address, without scheme and port', describe(host));
  return undefined;
}

function isHost(text: string): boolean {
  return HOST_NAME.test(text) || isIPv6(text);
}

function readNodes(l2: Section, name: string, defaultPort: number): NodeAddress[] {
  const listed = l2.value(name);
  if (!Array.isArray(listed) || listed.length === 0) {
    l2.problem(name, 'an array of at least one { host, port }', describe(listed));
    return [];
  }
  return listed.map((address: unknown, index) => {
    const node = new Section(
      address,
      `${l2.pathOf(name)}[${index}]`,
      l2.problems,
      'an object { host, port }',
    );
    const port = node.numeral('port', { from: 1, to: 65_535, fallback: defaultPort });
    const host = readHost(node);
    node.refuseOthers();
    return { host: host ?? '', port };
  });
}

function readTls(l2: Section): ConnectionOptions | undefined {
  const tls = l2.value('tls');
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if (typeof tls === 'object' && tls !== null && !Array.isArray(tls)) return tls;
  l2.problem('tls', 'true, false or the options of tls.connect', describe(tls));
  return undefined;
}

function isIoredis(client: unknown): client is IoredisClient {
  const { duplicate, defineCommand } = Object(client) as Partial<IoredisClient>;
  return typeof duplicate === 'function' && typeof defineCommand === 'function';
}
