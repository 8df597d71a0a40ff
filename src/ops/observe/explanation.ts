/**
 * Explains one key: what each tier holds there, whether it is valid, and what a read would do. It reads Redis itself,
 * counts nothing, creates nothing and changes nothing.
 */
import type { ReadingOptions } from '../../config/options';
import type { ResolvedConfig } from '../../config/resolved';
import type { EnginePort } from '../../contract/engine';
import type {
  Explanation,
  GroupExplanation,
  L1Explanation,
  L2Explanation,
  ReadExplanation,
} from '../../contract/explanation';
import { type Observation, type RemoteEntry, STUB } from '../../contract/l2';
import { MethodCounters } from '../../engine/entry/counters';
import { tagOf } from '../../engine/entry/meta';
import { type CompiledPolicy, compilePolicy } from '../../engine/entry/policy';
import { serializerNamed } from '../../engine/entry/serializers';
import type { EngineContext } from '../../engine/runtime/context';
import { groupOf, NAMESPACE_GROUP, tagNameOf } from '../../engine/validity/generation-keys';
import { parsePattern, reaches } from '../../keys/pattern';
import type { Template } from '../../keys/template';
import type { InvalidationLog } from './invalidation-log';

/** What is declared to store entries under a template. */
interface Keeper {
  readonly label: string;
  readonly template: Template;
  readonly declaration: { readonly kind: 'cacheable' | 'put'; readonly storing: ReadingOptions };
}

export interface ExplainedCache {
  readonly context: EngineContext;
  readonly config: ResolvedConfig;
  readonly program: () => { readonly keepers: readonly Keeper[] };
  readonly invalidations: InvalidationLog;
  readonly engine: Pick<EnginePort, 'active'>;
}

export async function explanationOf(cache: ExplainedCache, key: string): Promise<Explanation> {
  const { context, config, invalidations } = cache;
  const template = invalidations.declared.templateOf(key) ?? null;
  const keepers = cache.program().keepers.filter((keeper) => reaches(parsePattern(key), keeper.template));
  const reader = keepers.find(({ declaration }) => declaration.kind === 'cacheable');
  const label = reader?.label ?? 'get';
  const policy = compilePolicy(reader?.declaration.storing ?? {}, config, label, new MethodCounters(label));
  const seen = await new Promise<Observation>((resolve) => context.l2.read(key, [], resolve));
  const entry = seen.kind === 'entry' ? seen.entry : undefined;
  const groups = await groupsOf(context, key, entry);
  const leftMs = entry && entry.expiresAt - context.l2.now(key);
  const labels = (kind: 'cacheable' | 'put') =>
    keepers.filter(({ declaration }) => declaration.kind === kind).map((keeper) => keeper.label);
  const l1 = l1Of(context, key, policy, reader);
  return {
    key,
    redisKey: `${config.namespace}:${key}`,
    template,
    readBy: labels('cacheable'),
    writtenBy: labels('put'),
    l1,
    l2: l2Of(context, seen, leftMs, ageOf(policy, reader, leftMs)),
    groups,
    lastInvalidation: invalidations.lastOf(key, entry?.tags ?? []) ?? null,
    read: cache.engine.active && policy.caches ? readOf(config, policy, l1, seen, groups, leftMs) : OFF,
  };
}

const OFF: ReadExplanation = { answer: 'uncached', reason: 'off', stored: false };

function l1Of(
  { l1, clock }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  reader: Keeper | undefined,
): L1Explanation {
  const entry = l1.inspect(key);
  if (entry === undefined) {
    return { holds: 'nothing', unusable: null, version: null, ageSeconds: null, leftSeconds: null };
  }
  const now = clock.now();
  return {
    holds: 'entry',
    unusable:
      l1.get(key, policy.version, policy) === undefined ? (l1.reasonNotServed(key, policy) ?? null) : null,
    version: entry.version,
    ageSeconds: ageOf(policy, reader, entry.freshUntil - now),
    leftSeconds: seconds(entry.expiresAt - now),
  };
}

function l2Of(
  { l2 }: EngineContext,
  seen: Observation,
  leftMs: number | undefined,
  ageSeconds: number | null,
): L2Explanation {
  if (seen.kind !== 'entry') {
    const nothing = { version: null, serializer: null, ageSeconds: null, leftSeconds: null, bytes: null };
    return { ...nothing, holds: l2.present ? HOLDS[seen.kind] : 'no-l2', loadMs: null, tags: [] };
  }
  const { entry } = seen;
  return {
    holds: entry.serializer === STUB ? 'stub' : 'entry',
    version: entry.version,
    serializer: entry.stored?.serializer ?? entry.serializer,
    ageSeconds,
    leftSeconds: seconds(leftMs ?? 0),
    bytes: entry.stored?.bytes ?? entry.payload.length,
    loadMs: entry.costMs,
    tags: entry.tags,
  };
}

const HOLDS = {
  absent: 'nothing',
  leased: 'lease',
  'write-leased': 'write-lease',
  garbled: 'foreign',
  'foreign-type': 'foreign',
  unreachable: 'unreachable',
} as const;

/** By the declared lifetime: an entry does not say when it was stored. `null` stands for what another one may have given. */
function ageOf(
  { freshMs }: CompiledPolicy,
  reader: Keeper | undefined,
  leftMs: number | undefined,
): number | null {
  const isKnown = reader !== undefined && typeof reader.declaration.storing.ttl !== 'function';
  return isKnown && leftMs !== undefined && leftMs <= freshMs ? seconds(freshMs - leftMs) : null;
}

async function groupsOf(
  { l2, patterns }: EngineContext,
  key: string,
  entry: RemoteEntry | undefined,
): Promise<GroupExplanation[]> {
  const home = l2.homeOf(key);
  const shapes = patterns.known() ?? (await patterns.read()) ?? patterns.lastResort;
  const names = [
    NAMESPACE_GROUP,
    ...(home === undefined ? [] : [home]),
    ...shapes.groupsOf(key),
    ...(entry?.tags ?? []).map(tagNameOf),
  ];
  const generations = await Promise.all(names.map((name) => l2.generations.peek(name)));
  // Of another number of groups: a pattern was declared after it was loaded, and nothing says which is which.
  const own = entry?.generations.length === names.length ? entry.generations : undefined;
  return names.map((name, index) => ({
    ...groupOf(name),
    state:
      generations[index] === undefined
        ? 'absent'
        : entry === undefined
          ? 'present'
          : generations[index] === own?.[index]
            ? 'current'
            : 'changed',
  }));
}

function readOf(
  { serializer }: ResolvedConfig,
  policy: CompiledPolicy,
  l1: L1Explanation,
  seen: Observation,
  groups: readonly GroupExplanation[],
  leftMs = 0,
): ReadExplanation {
  if (policy.inL1 && l1.holds === 'entry' && l1.unusable === null)
    return { answer: 'l1', reason: 'fresh', stored: true };
  const load = (reason: ReadExplanation['reason'], stored = true): ReadExplanation => ({
    answer: 'load',
    reason,
    stored,
  });
  switch (seen.kind) {
    case 'entry': {
      const { entry } = seen;
      if (entry.serializer === STUB) return load('absent');
      if (entry.version !== policy.version) return load('version');
      if (tagOf(entry.serializer) !== serializerNamed(serializer).tag) return load('unreadable');
      if (groups.some(({ state }) => state !== 'current')) return load('invalidated');
      if (leftMs > 0) return { answer: 'l2', reason: 'fresh', stored: true };
      return -leftMs < policy.staleMs
        ? { answer: 'stale', reason: 'expired', stored: true }
        : load('expired');
    }
    case 'leased':
      return { answer: 'wait', reason: 'leased', stored: true };
    case 'absent':
      return load(l1.unusable ?? 'absent');
    case 'garbled':
      return load('unreadable');
    case 'write-leased':
      return load('write-leased', false);
    case 'foreign-type':
      return load('unreadable', false);
    case 'unreachable':
      return load('unreachable', false);
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
