/** `check`, `map` and `keys`: what the declarations of a module say. Nothing in the module is called, and no Redis is needed. */
import type { CacheMap, MapFormat } from '../../contract/declared';
import { isAtLeast } from '../catalog/check';
import {
  type Command,
  CommandError,
  type CommandResult,
  choiceOf,
  done,
  JSON_HELP,
  JSON_OPTION,
  jsonText,
  type Values,
} from './command';
import { type Checked, FORMATS, formatted } from './findings-text';
import { type InspectedCache, loadCaches, moduleOf } from './load-caches';

const LEVELS = ['error', 'warning', 'info'] as const;
const MODULE = [
  '[module]',
  'The file that makes the cache and loads the classes: built, or TypeScript if tsx or ts-node is installed.',
] as const;
const DEFAULT_MODULE = ['', 'Default: "tiercel": { "entry": ... } in package.json.'] as const;

export const check: Command = {
  name: 'check',
  group: 'Before anything runs',
  synopsis: 'check [module]',
  summary: 'What is wrong with the declarations.',
  options: {
    ...JSON_OPTION,
    format: { type: 'string' },
    'fail-on': { type: 'string' },
    'max-warnings': { type: 'string' },
  },
  help: [
    MODULE,
    DEFAULT_MODULE,
    ['--format <format>', 'stylish (default), json, github or sarif.'],
    ['--fail-on <level>', 'Exit with 1 for: error (default), warning or info.'],
    ['--max-warnings <n>', 'Exit with 1 if there are more warnings.'],
    JSON_HELP,
  ],
  async run(positionals, values, terminal) {
    const failOn = choiceOf(values, 'fail-on', LEVELS, 'error');
    const format = values['json'] === true ? 'json' : choiceOf(values, 'format', FORMATS, 'stylish');
    const mostWarnings = limitOf(values);
    return inspected(positionals, terminal.cwd, (caches) => {
      const checked = caches.map(
        (cache): Checked => ({ namespace: cache.namespace, map: cache.map(), findings: cache.check() }),
      );
      if (checked.every(({ map }) => isEmpty(map))) {
        throw new CommandError(
          'Nothing was checked: no class with decorated methods, and no strategy, was loaded. Name the module that loads them.',
        );
      }
      const all = checked.flatMap(({ findings }) => findings);
      const warnings = all.filter(({ level }) => level === 'warning').length;
      const fails = all.some(({ level }) => isAtLeast(level, failOn)) || warnings > mostWarnings;
      return done(formatted(checked, format, terminal), fails ? 1 : 0);
    });
  },
};

export const map: Command = {
  name: 'map',
  group: 'Before anything runs',
  synopsis: 'map [module]',
  summary: 'Who reads, writes and invalidates each template.',
  options: { ...JSON_OPTION, format: { type: 'string' } },
  help: [MODULE, DEFAULT_MODULE, ['--format <format>', 'table (default), mermaid or json.'], JSON_HELP],
  async run(positionals, values, terminal) {
    const format = choiceOf(values, 'format', ['table', 'mermaid', 'json'], 'table');
    return inspected(positionals, terminal.cwd, (caches) =>
      format === 'json' || values['json'] === true ? data(caches) : texts(caches, format),
    );
  },
};

export const keys: Command = {
  name: 'keys',
  group: 'Before anything runs',
  synopsis: 'keys [module]',
  summary: 'The keys in Redis, and how long they live.',
  options: JSON_OPTION,
  help: [MODULE, DEFAULT_MODULE, JSON_HELP],
  run: (positionals, values, terminal) =>
    inspected(positionals, terminal.cwd, (caches) =>
      values['json'] === true ? data(caches) : texts(caches, 'keys'),
    ),
};

async function inspected(
  positionals: readonly string[],
  cwd: string,
  look: (caches: readonly InspectedCache[]) => CommandResult,
): Promise<CommandResult> {
  const caches = await loadCaches(moduleOf(positionals, cwd), cwd);
  try {
    return look(caches);
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
  }
}

function limitOf(values: Values): number {
  const given = values['max-warnings'];
  const limit = given === undefined ? Number.POSITIVE_INFINITY : Number(given);
  if (Number.isNaN(limit)) throw new CommandError('--max-warnings is a number.');
  return limit;
}

function isEmpty({ templates, unreached, computed }: CacheMap): boolean {
  return templates.length + unreached.length + computed.length === 0;
}

function data(caches: readonly InspectedCache[]): CommandResult {
  return done(jsonText(Object.fromEntries(caches.map((cache) => [cache.namespace, cache.map()]))));
}

function texts(caches: readonly InspectedCache[], format: MapFormat): CommandResult {
  const titled = caches.map((cache) =>
    caches.length === 1 ? cache.map(format) : `${cache.namespace}:\n${cache.map(format)}`,
  );
  return done(titled.join('\n'));
}
