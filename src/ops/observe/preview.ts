/**
 * What an invalidation would reach, without doing it: cached templates, their entries in this process's L1, and the loads
 * that would follow. It also finds names that no cached template can give, which are nearly always slips.
 */
import { WARM_LABEL } from '../../api/warming';
import { nearestName } from '../../config/nearest-name';
import type { Target } from '../../contract/engine';
import type { InvalidationPreview, PreviewedTemplate } from '../../contract/invalidation-history';
import type { CounterBook } from '../../engine/entry/counters';
import { type Pattern, parsePattern, reaches } from '../../keys/pattern';
import { parseTemplate, type Template } from '../../keys/template';
import type { CachedTemplate } from './reach';
import { cachedCalls } from './tally';
import type { MethodPeriod } from './windows';

export interface Previewed {
  readonly cached: readonly CachedTemplate[];
  /** The labels of all that is declared to store entries. */
  readonly storing: ReadonlySet<string>;
  readonly counters: CounterBook;
  /** Of the last minute. */
  readonly methods: ReadonlyMap<string, MethodPeriod>;
  /** The keys in L1. */
  readonly keys: readonly string[];
}

export function previewOf(targets: readonly Target[], seen: Previewed): InvalidationPreview {
  const patterns = targets.map((target) => ({ target, pattern: parsePattern(target.text) }));
  const matched = seen.keys.filter((key) =>
    targets.some((target) => target.kind !== 'tag' && target.matches(key)),
  );
  const byTag = targets.some(({ kind }) => kind === 'tag');
  const templates = new Map<string, { template: Template; readBy: string[]; byTag: boolean }>();
  for (const { label, template, tags } of seen.cached) {
    const hit = patterns.filter(({ target, pattern }) => reached(target, pattern, template, tags));
    if (hit.length === 0) continue;
    const known = templates.get(template.text) ?? { template, readBy: [], byTag: false };
    known.readBy.push(label);
    known.byTag ||= hit.some(({ target }) => target.kind === 'tag');
    templates.set(template.text, known);
  }
  const found = Array.from(templates.values(), (one) => previewed(one, matched, seen));
  return {
    templates: found,
    entries: byTag ? null : matched.length,
    expectedLoads: found.reduce((sum, { expectedLoads }) => sum + expectedLoads, 0),
    unreached: unreached(patterns, matched, seen),
  };
}

function reached(target: Target, pattern: Pattern, template: Template, tags: readonly string[]): boolean {
  if (target.kind !== 'tag') return reaches(pattern, template);
  return tags.some((tag) => reaches(pattern, parseTemplate(tag)));
}

function previewed(
  { template, readBy, byTag }: { template: Template; readBy: string[]; byTag: boolean },
  matched: readonly string[],
  { methods }: Previewed,
): PreviewedTemplate {
  const entries = matched.filter((key) => reaches(parsePattern(key), template)).length;
  const served = readBy.reduce((sum, label) => sum + (methods.get(label)?.served ?? 0), 0);
  return {
    template: template.text,
    readBy,
    entries: byTag ? null : entries,
    // Without a copy in L1 the entries are in L2 alone, or nowhere: the calls are the bound.
    expectedLoads: byTag || entries === 0 ? served : Math.min(entries, served),
  };
}

/**
 * Names that nothing can give. Only if this process reads by declared templates alone: keys that are used by hand are not
 * known here, and neither are those of methods that it has not called yet.
 */
function unreached(
  patterns: readonly { readonly target: Target; readonly pattern: Pattern }[],
  matched: readonly string[],
  { cached, storing, counters }: Previewed,
): InvalidationPreview['unreached'] {
  const used = [...counters.all()].filter((one) => cachedCalls({ calls: one }) + one.l1Sets + one.l2Sets > 0);
  const labels = new Set(used.map(({ label }) => label).filter((label) => label !== WARM_LABEL));
  const called = cached.filter(({ label }) => labels.has(label));
  if (called.length === 0 || [...labels].some((label) => !storing.has(label))) return [];
  return patterns
    .filter(
      ({ target, pattern }) =>
        target.kind !== 'tag' &&
        !cached.some(({ template }) => reaches(pattern, template)) &&
        !matched.some((key) => target.matches(key)),
    )
    .map(({ target: { text } }) => ({
      name: text,
      nearest:
        nearestName(
          text,
          cached.map(({ template }) => likened(template, text.split(':'))),
        ) ?? null,
    }));
}

/** The template with the segments of the name in place of its placeholders: what the name was probably meant to be. */
function likened({ segments }: Template, parts: readonly string[]): string {
  return segments
    .map((segment, index) => (typeof segment === 'string' ? segment : (parts[index] ?? '*')))
    .join(':');
}
