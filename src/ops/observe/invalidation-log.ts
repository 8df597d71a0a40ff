/**
 * The ring of the last invalidations. A write costs one small object; what its patterns were declared as is looked up
 * only when somebody reads. It keeps the order in which they ended.
 */
import type { Clock } from '../../contract/clock';
import type {
  InvalidationFact,
  InvalidationHistory,
  InvalidationRecord,
  InvalidationStatistics,
  InvalidationStrategy,
} from '../../contract/invalidation-history';
import { bindPattern, parsePattern } from '../../keys/pattern';
import { type CachedTemplate, Reach } from './reach';
import { secondsOf } from './statistics';

type Kind = InvalidationFact['removed'][number]['kind'];

interface Logged {
  readonly fact: InvalidationFact;
  readonly at: number;
  /** On the monotonic clock: a wall clock that is set back must not empty a window. */
  readonly endedAt: number;
}

/** What the record asks of the declarations; only when somebody reads it. */
export interface DeclaredNames {
  /** The declared template or pattern that gives a key or a bound pattern. */
  templateOf(text: string): string | undefined;
  cached(): readonly CachedTemplate[];
  /** The labels of all that is declared to store entries. */
  storing(): ReadonlySet<string>;
}

const DEFAULT_WINDOW_MS = 60_000;
const MS_PER_MINUTE = 60_000;
/** A rate over less time would be a guess. */
const SHORTEST_MS = 1_000;

/** Of each list of a record. A single call may have thousands of names, and a thousand records are kept. */
const NAMES = 100;

/** In the place of a template for a key that no declaration gives: the key itself may hold ids. */
const UNDECLARED = '<undeclared>';

export class InvalidationLog implements InvalidationHistory {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #declared: DeclaredNames;
  readonly #startedAt: number;
  /** A ring: once full, the oldest stands at `#next`. */
  readonly #ring: Logged[] = [];
  #next = 0;
  /** When the last record that was dropped to make room had ended. */
  #droppedAt = Number.NEGATIVE_INFINITY;

  /** @param limit records to keep; 0: none */
  constructor(clock: Clock, limit: number, declared: DeclaredNames) {
    this.#clock = clock;
    this.#limit = limit;
    this.#declared = declared;
    this.#startedAt = clock.now();
  }

  readonly record = (fact: InvalidationFact): void => {
    if (this.#limit === 0) return;
    const dropped = this.#ring[this.#next];
    if (dropped !== undefined) this.#droppedAt = dropped.endedAt;
    const { replaced, removed } = fact;
    const kept = { ...fact, replaced: replaced.slice(0, NAMES), removed: removed.slice(0, NAMES) };
    this.#ring[this.#next] = { fact: kept, at: this.#clock.wall(), endedAt: this.#clock.now() };
    this.#next = (this.#next + 1) % this.#limit;
  };

  get declared(): DeclaredNames {
    return this.#declared;
  }

  history(): readonly InvalidationRecord[] {
    return this.#ordered().map((logged) => this.#recordOf(logged));
  }

  /** The last record that has removed this key. @param tags those of its entry */
  lastOf(key: string, tags: readonly string[]): InvalidationRecord | undefined {
    const logged = this.#ordered().findLast(
      ({ fact: { replaced, removed } }) =>
        replaced.includes(key) || removed.some((one) => hasRemoved(one, key, tags)),
    );
    return logged && this.#recordOf(logged);
  }

  stats(windowMs: number = DEFAULT_WINDOW_MS): InvalidationStatistics {
    const now = this.#clock.now();
    const since = now - windowMs;
    const within = this.#ordered().filter(({ endedAt }) => endedAt > since);
    const coveredMs = now - Math.max(since, this.#startedAt, this.#droppedAt);
    const perMinute = (count: number) => {
      const rate = (count * MS_PER_MINUTE) / Math.max(coveredMs, Math.min(windowMs, SHORTEST_MS));
      return count === 0 ? 0 : Math.round(rate * 100) / 100;
    };
    const byStrategy = { 'write-invalidate': 0, 'write-through': 0, pattern: 0 };
    const byPattern = new Map<string, number>();
    for (const { fact } of within) {
      byStrategy[strategyOf(fact)] += 1;
      for (const template of this.#templatesOf(fact)) {
        byPattern.set(template, (byPattern.get(template) ?? 0) + 1);
      }
    }
    return {
      total: within.length,
      perMinute: perMinute(within.length),
      seconds: secondsOf(Math.max(0, coveredMs)),
      byStrategy,
      byPattern: Object.fromEntries(byPattern),
      byTemplate: this.#byTemplate(within, perMinute),
      complete: this.#droppedAt <= since,
    };
  }

  #byTemplate(
    within: readonly Logged[],
    perMinute: (count: number) => number,
  ): InvalidationStatistics['byTemplate'] {
    const reach = new Reach(this.#declared.cached());
    for (const { fact } of within) {
      const invalidator = fact.event ?? fact.label;
      const names = this.#namesOf(fact.removed, (kind) => kind !== 'tag');
      for (const pattern of names) reach.count(invalidator, pattern, 'key');
      for (const tag of fact.removed.filter(({ kind }) => kind === 'tag')) {
        reach.count(invalidator, tag.template ?? tag.text, 'tag');
      }
    }
    return reach.statistics(perMinute);
  }

  #ordered(): Logged[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  #recordOf({ fact, at }: Logged): InvalidationRecord {
    const { label, event, reason, replaced, removed, sent, entries, acknowledged } = fact;
    const textsOf = (wanted: (kind: Kind) => boolean) =>
      removed.filter(({ kind }) => wanted(kind)).map(({ text }) => text);
    return {
      at,
      label,
      strategy: strategyOf(fact),
      event: event ?? null,
      reason: reason ?? null,
      patterns: [...new Set([...replaced, ...textsOf((kind) => kind !== 'tag')])],
      templates: this.#templatesOf(fact),
      tags: [...new Set(textsOf((kind) => kind === 'tag'))],
      sent,
      entries,
      acknowledged,
    };
  }

  #templatesOf({ replaced, removed }: InvalidationFact): string[] {
    const ofRemoved = this.#namesOf(removed, (kind) => kind !== 'tag');
    return [...new Set([...replaced.map((text) => this.#declaredAs(text)), ...ofRemoved])];
  }

  #namesOf(removed: InvalidationFact['removed'], wanted: (kind: Kind) => boolean): string[] {
    const names = removed
      .filter(({ kind }) => wanted(kind))
      .map(({ text, template }) => template ?? this.#declaredAs(text));
    return [...new Set(names)];
  }

  #declaredAs(text: string): string {
    return this.#declared.templateOf(text) ?? UNDECLARED;
  }
}

function strategyOf({ replaced, removed }: InvalidationFact): InvalidationStrategy {
  if (replaced.length > 0) return 'write-through';
  return removed.some(({ kind }) => kind !== 'key') ? 'pattern' : 'write-invalidate';
}

function hasRemoved(
  { kind, text }: InvalidationFact['removed'][number],
  key: string,
  tags: readonly string[],
): boolean {
  if (kind === 'tag') return tags.includes(text);
  if (kind === 'key') return text === key;
  // All that `clear` says of itself.
  return text === '*' || bindPattern(parsePattern(text), {}).matches(key);
}
