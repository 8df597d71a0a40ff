/**
 * What is asked of a server before it is used: that it confirms the database, is a master, and lets this client run
 * everything that L2 needs. A refusal names the command.
 */
import { RedisRefusedError } from '../contract/errors';
import { isPassing } from './error-code';
import type { RedisLike, ScriptMethods } from './redis-like';

export interface Greeting {
  readonly isMaster: boolean;
  /** Whether the server takes `SET .. NX GET` (7.0). */
  readonly hasNxGet: boolean;
  /** Which run of which master this is: it changes with each start and each promotion. '' if that is not known. */
  readonly run: string;
}

/** How much of each id is kept: 80 random bits. */
const ID_LENGTH = 20;

export interface Expectations {
  readonly database: number;
  /** A name in Redis that nothing else uses, for a trial of the scripts; undefined: no trial. */
  readonly name: string | undefined;
  /** Whether it is used as a master of a cluster: then it need not serve every name. */
  readonly isOneOfMany: boolean;
}

/**
 * @throws RedisRefusedError (`TIERCEL_REDIS_REFUSED`) for an error reply
 */
export async function handshake(
  client: RedisLike & ScriptMethods,
  { database, name, isOneOfMany }: Expectations,
): Promise<Greeting> {
  // The client has sent it too, but goes on in database 0 if it is refused.
  if (database !== 0) await asked('SELECT', client.callBuffer('SELECT', database));
  const { server, isMaster, run } = await whoIs((section) =>
    asked('INFO', client.callBuffer('INFO', section)),
  );
  if (isMaster) {
    if (!isOneOfMany && /^redis_mode:cluster/m.test(server)) await servesAll(client);
    if (name !== undefined) await tryScripts(client, name);
  }
  return { isMaster, hasNxGet: Number.parseInt(fieldOf(server, 'redis_version') || '0', 10) >= 7, run };
}

/** Which run of which server answers (P40). A connection stays with it until it ends. */
export async function whoIs(info: (section: string) => Promise<unknown>) {
  const infos = await Promise.all([info('server'), info('replication')]);
  const [server, replication] = infos.map(String) as [string, string];
  const { isMaster, id } = roleIn(replication);
  return { server, isMaster, run: fieldOf(server, 'run_id').slice(0, ID_LENGTH) + id };
}

/** What `INFO replication` says; `id` changes with each promotion, and ends the name of the run. */
export function roleIn(replication: string): { readonly isMaster: boolean; readonly id: string } {
  return {
    isMaster: !/^role:slave/m.test(replication),
    id: fieldOf(replication, 'master_replid').slice(0, ID_LENGTH),
  };
}

function fieldOf(info: string, key: string): string {
  return new RegExp(`^${key}:(\\w+)`, 'm').exec(info)?.[1] ?? '';
}

/**
 * The reply, with a refusal that names the command.
 * @throws RedisRefusedError (`TIERCEL_REDIS_REFUSED`) for an error reply that does not pass by itself
 */
export async function asked(command: string, reply: Promise<unknown>): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    throw named(command, error as Error);
  }
}

/** What the client reports of the commands that it sends itself at each connect: AUTH and SELECT. */
export function ownRefusal(error: Error & { readonly command?: { readonly name: string } }): Error {
  return error.command === undefined ? error : named(error.command.name.toUpperCase(), error);
}

function named(command: string, error: Error): Error {
  return error.name === 'ReplyError' && !isPassing(error) ? refused(command, error) : error;
}

/** One node of a cluster redirects most commands, which looks like a cache that is never hit. */
async function servesAll(client: RedisLike): Promise<void> {
  const info = String(await asked('CLUSTER INFO', client.callBuffer('CLUSTER', 'INFO')));
  if (/^cluster_size:[01]\b/m.test(info)) return;
  throw new RedisRefusedError({
    subject: 'CLUSTER INFO',
    expected: 'a server that has every key',
    got: 'one node of a cluster',
    remedy: 'Name the nodes in l2.cluster instead of l2.host or l2.url.',
  });
}

/**
 * Commands inside scripts are tried one by one, so that the error names all that are refused. Of each script the client sends
 * the first call of a connection as `EVAL`, and the others as `EVALSHA`: both are tried.
 */
async function tryScripts(client: ScriptMethods, name: string): Promise<void> {
  const trial = (): Promise<unknown> => asked('EVALSHA', client.tiercelTrialBuffer(name));
  const [names] = (await Promise.all([trial(), trial()])).map(String);
  if (!names) return;
  throw refused(names, new Error(`no permission for ${names}`));
}

function refused(command: string, error: Error): RedisRefusedError {
  return new RedisRefusedError({
    subject: command,
    expected: 'a server that lets this client run it',
    got: error.message,
    remedy: 'Until it does, nothing is read from Redis or stored there. It is tried again every few seconds.',
    cause: error,
  });
}
