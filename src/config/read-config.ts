/**
 * One pass over a configuration: reads every option, applies its default, notes every problem. The defaults of the
 * configuration are here. It never throws: the caller decides what to do about problems.
 */
import * as zlib from 'node:zlib';
import type { ConfigProblem } from '../contract/errors';
import type { Serializer } from '../contract/serializer';
import { type Pattern, parsePattern } from '../keys/pattern';
import { readConnection } from './connection';
import { checkConstraints } from './constraints';
import { describe } from './describe';
import { isDurationText } from './durations';
import type {
  L2Times,
  ResolvedCoherence,
  ResolvedCompression,
  ResolvedConfig,
  ResolvedL1,
  ResolvedL2,
  ResolvedLoad,
  ResolvedMonitoring,
  TierTtl,
} from './resolved';
import { Section } from './section';
import { parseTtl } from './ttl';

const NAMESPACE = /^[A-Za-z0-9_.-]+$/;
const SERIALIZER_TAG = /^[A-Za-z0-9_.-]{1,32}$/;
const MOST_ENTRIES = 10_000_000;

export interface ConfigReading {
  /** Use it only if there are no problems. */
  readonly config: ResolvedConfig;
  readonly problems: readonly ConfigProblem[];
}

export function readConfig(source: unknown, production: boolean): ConfigReading {
  const problems: ConfigProblem[] = [];
  const root = new Section(source, '', problems);
  const namespace = readNamespace(root);
  const l1 = root.value('l1') === false ? false : readL1(root.section('l1', 'false or an object'));
  const { l2, times } = readL2(root);
  const config: ResolvedConfig = {
    namespace,
    l1,
    l2,
    presets: readPresets(root.section('ttl')),
    events: readEvents(root.section('events')),
    patterns: textsOf(readPatterns(root, 'patterns', { from: 0 })),
    load: readLoad(root.section('load')),
    coherence: readCoherence(root.section('coherence')),
    monitoring: readMonitoring(root.section('monitoring')),
    serializer: readSerializer(root),
    protect: root.choice('protect', ['freeze', 'clone', 'none'], production ? 'none' : 'freeze'),
    warnRoundTrip: root.flag('warnRoundTrip', !production),
    statistics: root.flag('statistics', true),
    ...readContext(root),
  };
  root.refuseOthers();
  checkConstraints(times, config, problems);
  return { config, problems };
}

const CODECS = ['gzip', 'brotli', 'zstd'] as const;

function readContext(root: Section): Pick<ResolvedConfig, 'context' | 'requireContext'> {
  const context = root.value('context');
  const required = root.value('requireContext') ?? [];
  const isList = Array.isArray(required) && required.every((name) => typeof name === 'string' && name !== '');
  if (context !== undefined && typeof context !== 'function') {
    root.problem('context', 'a function', describe(context));
  }
  if (!isList) root.problem('requireContext', 'an array of names', describe(required));
  else if (required.length > 0 && context === undefined) {
    root.problem('context', "a function, since 'requireContext' asks for it", 'undefined');
  }
  return {
    context: context as ResolvedConfig['context'],
    requireContext: isList ? required : [],
  };
}

function readNamespace(root: Section): string {
  const namespace = root.value('namespace');
  if (namespace === undefined) return 'tiercel';
  if (typeof namespace === 'string' && NAMESPACE.test(namespace)) return namespace;
  root.problem('namespace', "letters, digits, '_', '.' and '-'", describe(namespace));
  return '';
}

function readL1(l1: Section): ResolvedL1 {
  const resolved: ResolvedL1 = {
    maxSize: l1.number('maxSize', { from: 1, to: MOST_ENTRIES, fallback: 10_000 }),
    maxBytes: l1.number('maxBytes', { from: 1, to: Number.MAX_SAFE_INTEGER, fallback: undefined }),
    defaultTtlMs: l1.ttl('defaultTTL', 60_000),
    sweepMs: l1.duration('sweep', 30_000),
    jitter: l1.number('jitter', { from: 0, to: 1, whole: false, fallback: 0.1 }),
  };
  l1.refuseOthers();
  return resolved;
}

/** The times are read even without an L2, so that a mistake shows on every machine. */
function readL2(root: Section): { l2: false | ResolvedL2; times: L2Times } {
  const off = root.value('l2') === false;
  const section = new Section(off ? undefined : root.value('l2'), 'l2', root.problems, 'false or an object');
  const connection = readConnection(section);
  const times: L2Times = {
    defaultTtlMs: section.ttl('defaultTTL', 300_000),
    deadlineMs: section.duration('deadline', 50),
    socketTimeoutMs: section.duration('socketTimeout', 500),
    invalidationBudgetMs: section.duration('invalidationBudget', 1_000),
  };
  const strict = section.flag('strict', false);
  const compress = readCompress(section);
  section.refuseOthers();
  return { l2: connection === undefined ? false : { connection, strict, compress, ...times }, times };
}

function readCompress(l2: Section): ResolvedCompression | undefined {
  if (l2.value('compress') === undefined) return undefined;
  const section = l2.section('compress');
  const codec = section.choice('codec', CODECS, 'gzip');
  if (codec === 'zstd' && !('zstdCompress' in zlib)) {
    section.problem('codec', "'gzip' or 'brotli': this Node has no 'zstd' (22.15 has)", describe(codec));
  }
  const above = section.value('above') ?? '1kb';
  const aboveBytes = typeof above === 'number' ? above : sizeOf(above);
  if (!Number.isInteger(aboveBytes) || aboveBytes < 0) {
    section.problem('above', "a number of bytes, or a size with its unit, such as '1kb'", describe(above));
  }
  section.refuseOthers();
  return { codec, aboveBytes };
}

/** Bytes; NaN if it is not a size. */
function sizeOf(text: unknown): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(b|kb|mb)$/.exec(String(text)) ?? [];
  return Math.round(Number(number) * { b: 1, kb: 1_024, mb: 1_048_576 }[unit as 'b' | 'kb' | 'mb']);
}

function readPresets(section: Section): ReadonlyMap<string, TierTtl> {
  const presets = new Map<string, TierTtl>();
  for (const name of section.names()) {
    if (name === '' || isDurationText(name)) {
      section.problem(name, 'a name that does not read as a duration', describe(name));
    }
    const ttl = section.attempt(() => parseTtl(section.value(name), section.pathOf(name)));
    if (ttl !== undefined) presets.set(name, ttl);
  }
  return presets;
}

function readEvents(section: Section): ReadonlyMap<string, readonly string[]> {
  const events = new Map<string, readonly string[]>();
  for (const name of section.names()) {
    if (name === '') section.problem(name, 'an event with a name', describe(name));
    const patterns = readPatterns(section, name, { from: 1 });
    for (const { text, placeholders } of patterns) {
      const foreign = placeholders.find(
        ({ source, list }) => (source !== 'name' && source !== 'ctx') || list !== undefined,
      );
      if (foreign === undefined) continue;
      section.problem(
        name,
        "placeholders that name the event's data",
        `${foreign.text} in ${describe(text)}`,
      );
    }
    events.set(name, textsOf(patterns));
  }
  return events;
}

function readPatterns(section: Section, name: string, { from }: { from: number }): readonly Pattern[] {
  const value = section.value(name);
  const listed = value === undefined ? [] : value;
  if (!Array.isArray(listed) || listed.length < from) {
    section.problem(
      name,
      from === 0 ? 'an array of patterns' : 'an array of at least one pattern',
      describe(listed),
    );
    return [];
  }
  const patterns = listed.map((text: unknown, index) => {
    const path = `${section.pathOf(name)}[${index}]`;
    if (typeof text === 'string') return section.attempt(() => parsePattern(text), path);
    section.problems.push({ path, expected: 'a pattern', got: describe(text) });
    return undefined;
  });
  return patterns.filter((pattern) => pattern !== undefined);
}

function textsOf(patterns: readonly Pattern[]): readonly string[] {
  return patterns.map(({ text }) => text);
}

function readLoad(section: Section): ResolvedLoad {
  const resolved: ResolvedLoad = {
    leaseMs: section.duration('lease', 3_000),
    waitMs: section.duration('wait', 1_000),
    maxMs: section.duration('max', 30_000),
  };
  section.refuseOthers();
  return resolved;
}

function readCoherence(section: Section): ResolvedCoherence {
  const resolved: ResolvedCoherence = {
    transport: section.choice('transport', ['auto', 'tracking', 'pubsub'], 'auto'),
    heartbeatMs: section.duration('heartbeat', 100),
    stalenessBoundMs: section.duration('stalenessBound', 500),
    degradedTtlMs: section.value('degradedTtl') === 0 ? 0 : section.duration('degradedTtl', 5_000, 0),
  };
  section.refuseOthers();
  return resolved;
}

function readMonitoring(section: Section): ResolvedMonitoring {
  const resolved: ResolvedMonitoring = {
    hitRateThreshold: section.number('hitRateThreshold', { from: 0, to: 100, whole: false, fallback: 80 }),
    alertOnLowHitRate: section.flag('alertOnLowHitRate', true),
    responseTimeThresholdMs: section.duration('responseTimeThreshold', 2_000),
    memoryThreshold: section.number('memoryThreshold', { from: 1, to: 100, whole: false, fallback: 80 }),
    invalidationRateThreshold: section.number('invalidationRateThreshold', {
      from: 1,
      to: Number.MAX_SAFE_INTEGER,
      fallback: 1_000,
    }),
    minCalls: section.number('minCalls', { from: 1, to: Number.MAX_SAFE_INTEGER, fallback: 100 }),
    alertWindowMs: section.duration('alertWindow', 60_000, 1_000),
    evaluateEveryMs: section.duration('evaluateEvery', 10_000, 1_000),
    collectEveryMs: section.duration('collectEvery', 60_000, 1_000),
    history: section.number('history', { from: 0, to: 1_000_000, fallback: 1_000 }),
  };
  section.refuseOthers();
  return resolved;
}

function readSerializer(root: Section): 'json' | 'structured' | Serializer {
  const serializer = root.value('serializer');
  if (serializer === undefined || serializer === 'json' || serializer === 'structured')
    return serializer ?? 'json';
  if (typeof serializer !== 'object' || serializer === null) {
    const expected = "'json', 'structured' or an object { tag, encode, decode }";
    root.problem('serializer', expected, describe(serializer));
    return 'json';
  }
  // Not a Section: methods of a class are allowed, and so are other properties.
  const { tag, encode, decode } = serializer as Partial<Record<keyof Serializer, unknown>>;
  const taken = tag === 'json' || tag === 'structured';
  if (typeof tag !== 'string' || taken || !SERIALIZER_TAG.test(tag)) {
    const expected = "1 to 32 letters, digits, '_', '.' and '-', other than 'json' and 'structured'";
    root.problem('serializer.tag', expected, describe(tag));
  }
  if (typeof encode !== 'function') root.problem('serializer.encode', 'a function', describe(encode));
  if (typeof decode !== 'function') root.problem('serializer.decode', 'a function', describe(decode));
  return serializer as Serializer;
}
