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

interface Logged {
  readonly fact: InvalidationFact;
  readonly at: number;
  /** On the monotonic clock: a wall clock that is set back must not empty a window. */
  readonly endedAt: number;
}

const DEFAULT_WINDOW_MS = 60_000;
const MS_PER_MINUTE = 60_000;

/** In the place of a template for what no declaration gives: the text itself may hold ids. */
const UNDECLARED = '<undeclared>';

export class InvalidationLog implements InvalidationHistory {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #templateOf: (text: string) => string | undefined;
  /** A ring: once full, the oldest stands at `#next`. */
  readonly #ring: Logged[] = [];
  #next = 0;
  /** When the last record that was dropped to make room had ended. */
  #droppedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param limit records to keep; 0: none
   * @param templateOf the declared template or pattern that gives a text
   */
  constructor(clock: Clock, limit: number, templateOf: (text: string) => string | undefined) {
    this.#clock = clock;
    this.#limit = limit;
    this.#templateOf = templateOf;
  }

  readonly record = (fact: InvalidationFact): void => {
    if (this.#limit === 0) return;
    const dropped = this.#ring[this.#next];
    if (dropped !== undefined) this.#droppedAt = dropped.endedAt;
    this.#ring[this.#next] = { fact, at: this.#clock.wall(), endedAt: this.#clock.now() };
    this.#next = (this.#next + 1) % this.#limit;
  };

  history(): readonly InvalidationRecord[] {
    return this.#ordered().map((logged) => this.#recordOf(logged));
  }

  stats(windowMs: number = DEFAULT_WINDOW_MS): InvalidationStatistics {
    const since = this.#clock.now() - windowMs;
    const within = this.#ordered().filter(({ endedAt }) => endedAt > since);
    const byStrategy = { 'write-invalidate': 0, 'write-through': 0, pattern: 0 };
    const byPattern = new Map<string, number>();
    for (const { fact } of within) {
      byStrategy[strategyOf(fact)] += 1;
      for (const template of this.#templatesOf(fact)) {
        byPattern.set(template, (byPattern.get(template) ?? 0) + 1);
      }
    }
    const perMinute = windowMs > 0 ? (within.length * MS_PER_MINUTE) / windowMs : 0;
    return {
      total: within.length,
      perMinute: Math.round(perMinute * 100) / 100,
      byStrategy,
      byPattern: Object.fromEntries(byPattern),
      complete: this.#droppedAt <= since,
    };
  }

  #ordered(): Logged[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  #recordOf({ fact, at }: Logged): InvalidationRecord {
    const { label, event, reason, replaced, removed, sent, entries, acknowledged } = fact;
    const textsOf = (wanted: (kind: 'key' | 'pattern' | 'tag') => boolean) =>
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
    const declared = (text: string) => this.#templateOf(text) ?? UNDECLARED;
    return [
      ...new Set([
        ...replaced.map(declared),
        ...removed
          .filter(({ kind }) => kind !== 'tag')
          .map(({ text, template }) => template ?? declared(text)),
      ]),
    ];
  }
}

function strategyOf({ replaced, removed }: InvalidationFact): InvalidationStrategy {
  if (replaced.length > 0) return 'write-through';
  return removed.some(({ kind }) => kind !== 'key') ? 'pattern' : 'write-invalidate';
}
