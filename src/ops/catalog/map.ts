/**
 * The map of a program as data: the methods that read, write and invalidate each template.
 */
import { ttlOf } from '../../config/define';
import type { CacheMap, MapEntry, MapInvalidation } from '../../contract/declared';
import { TiercelError } from '../../contract/errors';
import { reaches } from '../../keys/pattern';
import { parseTemplate } from '../../keys/template';
import type { Invalidator, Keeper, Program } from './program';

export function mapOf(program: Program): CacheMap {
  const { config, keepers, invalidators, computedKeys, computedPatterns } = program;
  const texts = [...new Set(keepers.map(({ template }) => template.text))].sort();
  const templates = texts.map((text) => entryOf(text, program));
  const reached = (one: Invalidator) => keepers.some(({ template }) => reaches(one.pattern, template));
  return {
    cache: config.namespace,
    templates,
    unreached: invalidators.filter((one) => !reached(one)).map(invalidationOf),
    computed: [...new Set([...computedKeys, ...computedPatterns])].sort(),
  };
}

function entryOf(text: string, { config, keepers, invalidators }: Program): MapEntry {
  const template = parseTemplate(text);
  const own = keepers.filter((keeper) => keeper.template.text === text);
  const labels = (kind: Keeper['declaration']['kind']) => [
    ...new Set(own.filter(({ declaration }) => declaration.kind === kind).map(({ label }) => label)),
  ];
  const reader = own.find(({ declaration }) => declaration.kind === 'cacheable');
  return {
    template: text,
    redisKey: `${config.namespace}:${text}`,
    ttl: reader === undefined ? null : secondsOf(reader, config),
    readBy: labels('cacheable'),
    writtenBy: labels('put'),
    invalidatedBy: invalidators.filter(({ pattern }) => reaches(pattern, template)).map(invalidationOf),
  };
}

/** `null` for a function of the result, and for an unknown preset, which the check reports. */
function secondsOf({ declaration, label }: Keeper, config: Program['config']): MapEntry['ttl'] {
  if (typeof declaration.storing.ttl === 'function') return null;
  try {
    const { l1Ms, l2Ms } = ttlOf(declaration.storing, config, label);
    return { l1: l1Ms / 1_000, l2: config.l2 === false ? 0 : l2Ms / 1_000 };
  } catch (error) {
    if (error instanceof TiercelError) return null;
    throw error;
  }
}

function invalidationOf({ label, event, pattern }: Invalidator): MapInvalidation {
  return { method: label ?? null, event: event ?? null, pattern: pattern.text };
}
