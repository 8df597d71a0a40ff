/**
 * From arguments to what is printed: loads the user's module, asks its caches, and says how it went. It prints nothing
 * itself, and sends nothing to Redis.
 */
import { parseArgs } from 'node:util';
import type { Finding, MapFormat } from '../../contract/declared';
import { isAtLeast } from '../catalog/check';
import { aligned } from '../catalog/map-text';
import { type InspectedCache, loadCaches } from './load-caches';

export interface CommandResult {
  /** 0: all is well. 1: the check has found something. 2: the command could not be carried out. */
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

const USAGE = `Usage: tiercel <command> <module> [options]

  check <module>   What is wrong with the declarations. Exits with 1 if there is an error.
                   --fail-on <level>   error (default), warning or info
  map <module>     Who reads, writes and invalidates each template.
                   --format <format>   table (default), mermaid or json
  keys <module>    The keys in Redis, and how long they live.

  --json           The same as data, for check, map and keys.
  --help           This text.

<module> is the built file that makes the cache and loads the classes, such as dist/main.js. It must end its own
loading: nothing is called in it. A cache is found if the module exports it, or if decorated methods use it by default.
`;

const OPTIONS = {
  'fail-on': { type: 'string' },
  format: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const LEVELS = ['error', 'warning', 'info'] as const;
const FORMATS = ['table', 'mermaid', 'json'] as const;

interface Options {
  readonly 'fail-on'?: string | undefined;
  readonly format?: string | undefined;
  readonly json?: boolean | undefined;
  readonly help?: boolean | undefined;
}

type Command = (caches: readonly InspectedCache[], options: Options) => CommandResult;

const COMMANDS: Readonly<Record<string, Command>> = { check, map, keys };

export async function run(args: readonly string[]): Promise<CommandResult> {
  let parsed: { readonly values: Options; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return misused((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { code: 0, out: USAGE, err: '' };
  const [name = '', module, ...surplus] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return misused(name === '' ? 'No command.' : `No such command: ${name}`);
  if (module === undefined || surplus.length > 0) return misused(`${name} takes one module.`);
  let caches: readonly InspectedCache[];
  try {
    caches = loadCaches(module);
  } catch (error) {
    return {
      code: 2,
      out: '',
      err: `${module} cannot be loaded: ${(error as Error).stack ?? String(error)}\n`,
    };
  }
  try {
    if (caches.length > 0) return command(caches, values);
    return {
      code: 2,
      out: '',
      err: `${module} has no cache: it exports none, and has made none that decorated methods would use.\n`,
    };
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
  }
}

function check(caches: readonly InspectedCache[], options: Options): CommandResult {
  const failOn = LEVELS.find((level) => level === (options['fail-on'] ?? 'error'));
  if (failOn === undefined) return misused(`--fail-on is one of ${LEVELS.join(', ')}`);
  const found = caches.map((cache) => [cache, cache.check()] as const);
  const all = found.flatMap(([, findings]) => findings);
  const code = all.some(({ level }) => isAtLeast(level, failOn)) ? 1 : 0;
  const out = options.json
    ? json(Object.fromEntries(found.map(([{ namespace }, findings]) => [namespace, findings])))
    : found.map(([cache, findings]) => titled(cache, caches, findingsText(findings))).join('\n');
  return { code, out, err: '' };
}

function map(caches: readonly InspectedCache[], options: Options): CommandResult {
  const format = options.json ? 'json' : FORMATS.find((one) => one === (options.format ?? 'table'));
  if (format === undefined) return misused(`--format is one of ${FORMATS.join(', ')}`);
  return format === 'json' ? data(caches) : texts(caches, format);
}

function keys(caches: readonly InspectedCache[], options: Options): CommandResult {
  return options.json ? data(caches) : texts(caches, 'keys');
}

function data(caches: readonly InspectedCache[]): CommandResult {
  const maps = Object.fromEntries(caches.map((cache) => [cache.namespace, cache.map()]));
  return { code: 0, out: json(maps), err: '' };
}

function texts(caches: readonly InspectedCache[], format: MapFormat): CommandResult {
  const out = caches.map((cache) => titled(cache, caches, cache.map(format))).join('\n');
  return { code: 0, out, err: '' };
}

function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Nothing found.\n';
  const counts = LEVELS.map((level) => `${findings.filter((one) => one.level === level).length} ${level}`);
  return `${aligned(findings.map(({ level, code, message }) => [level, code, message]))}${counts.join(', ')}\n`;
}

function titled({ namespace }: InspectedCache, all: readonly InspectedCache[], text: string): string {
  return all.length === 1 ? text : `${namespace}:\n${text}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function misused(what: string): CommandResult {
  return { code: 2, out: '', err: `${what}\n\n${USAGE}` };
}
