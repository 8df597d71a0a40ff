/**
 * Which cached templates the invalidations of a stretch of time have reached, how often, and by which invalidator. Made
 * for one reading, so that it may remember what each pattern reaches.
 */
import type { InvalidationStatistics, TemplateInvalidations } from '../../contract/invalidation-history';
import { parsePattern, reaches } from '../../keys/pattern';
import { parseTemplate, type Template } from '../../keys/template';

/** A cached template: what invalidations reach. */
export interface CachedTemplate {
  /** The method or strategy that reads it. */
  readonly label: string;
  readonly template: Template;
  /** The tags that its entries are declared to have. */
  readonly tags: readonly string[];
}

/** What has invalidated most of a method's entries. */
export interface InvalidatorReach {
  readonly name: string;
  readonly pattern: string;
  readonly perMinute: number;
}

interface Reached {
  readonly labels: Set<string>;
  total: number;
  readonly by: Map<string, { readonly invalidator: string; readonly pattern: string; total: number }>;
}

export class Reach {
  readonly #cached: readonly CachedTemplate[];
  readonly #templates = new Map<string, Reached>();
  readonly #known = new Map<string, readonly Reached[]>();

  constructor(cached: readonly CachedTemplate[]) {
    this.#cached = cached;
  }

  /** @param pattern as declared: a template, a pattern, or the template of a tag */
  count(invalidator: string, pattern: string, kind: 'key' | 'tag'): void {
    const id = `${kind} ${pattern}`;
    let reached = this.#known.get(id);
    if (reached === undefined) {
      reached = this.#reachedBy(pattern, kind);
      this.#known.set(id, reached);
    }
    for (const one of reached) {
      one.total += 1;
      const cause = one.by.get(`${invalidator} ${id}`) ?? { invalidator, pattern, total: 0 };
      cause.total += 1;
      one.by.set(`${invalidator} ${id}`, cause);
    }
  }

  statistics(perMinute: (count: number) => number): InvalidationStatistics['byTemplate'] {
    const entries = Array.from(
      this.#templates,
      ([text, { labels, total, by }]): [string, TemplateInvalidations] => [
        text,
        {
          readBy: [...labels],
          total,
          perMinute: perMinute(total),
          by: [...by.values()].sort((a, b) => b.total - a.total),
        },
      ],
    );
    return Object.fromEntries(entries.filter(([, { total }]) => total > 0));
  }

  #reachedBy(pattern: string, kind: 'key' | 'tag'): readonly Reached[] {
    const parsed = parsePattern(pattern);
    const hit = this.#cached.filter(({ template, tags }) =>
      kind === 'key' ? reaches(parsed, template) : tags.some((tag) => reaches(parsed, parseTemplate(tag))),
    );
    const found = hit.map(({ template: { text }, label }) => {
      const reached = this.#templates.get(text) ?? { labels: new Set(), total: 0, by: new Map() };
      this.#templates.set(text, reached);
      reached.labels.add(label);
      return reached;
    });
    return [...new Set(found)];
  }
}

/** What has invalidated most of a method's entries; undefined if nothing that was counted has. */
export function mostInvalidatedBy(
  label: string,
  { byTemplate, seconds }: Pick<InvalidationStatistics, 'byTemplate' | 'seconds'>,
): InvalidatorReach | undefined {
  const causes = Object.values(byTemplate)
    .filter(({ readBy }) => readBy.includes(label))
    .flatMap(({ by }) => by);
  const [most] = causes.sort((a, b) => b.total - a.total);
  if (most === undefined) return undefined;
  const perMinute = Math.round((most.total * 60) / Math.max(1, seconds));
  return { name: most.invalidator, pattern: most.pattern, perMinute };
}
