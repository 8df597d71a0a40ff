/**
 * Checks every value that was read, while writes go on. Two questions, no locks and no second query:
 *
 * - Is it fresh? A read may return any state from its beginning on. So a value is stale exactly if its revision is lower
 *   than that of a write that was acknowledged before the read began. What writes concern is said here by subject
 *   (`feed of u1`), not by cache key, so that a forgotten invalidation shows.
 * - Is it right? It must be, word for word, an answer that the database has given.
 */
import type { Database } from '../database/database';

/** What every view of the platform has. */
export interface Revised {
  readonly revision: number;
}

/** A read that began when `revision` was the last acknowledged one of its subject. */
export interface BegunRead {
  readonly subject: string;
  readonly revision: number;
}

export interface Findings {
  readonly checked: number;
  readonly stale: number;
  readonly wrong: number;
  /** The first stale or wrong ones, in words; one per subject. */
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 5;

export class Verification {
  readonly #acknowledged = new Map<string, number>();
  readonly #answers = new Set<string>();
  /** Values of L1 come as the same frozen object again and again. */
  readonly #known = new WeakSet<object>();
  readonly #examples = new Map<string, string>();
  #checked = 0;
  #stale = 0;
  #wrong = 0;

  /** Takes note of all that the database answers from now on. */
  watch(database: Pick<Database, 'onRow'>): void {
    database.onRow = (row) => this.#answers.add(JSON.stringify(row));
  }

  get findings(): Findings {
    return {
      checked: this.#checked,
      stale: this.#stale,
      wrong: this.#wrong,
      examples: [...this.#examples.values()],
    };
  }

  /** The writing call has returned: a read of these subjects that begins now must see this revision, or a later one. */
  acknowledged(subjects: readonly string[], revision: number): void {
    for (const subject of subjects) {
      // Calls do not return in the order of their revisions.
      this.#acknowledged.set(subject, Math.max(revision, this.#acknowledgedOf(subject)));
    }
  }

  /** To be called right before the reading call. */
  begin(subject: string): BegunRead {
    return { subject, revision: this.#acknowledgedOf(subject) };
  }

  check({ subject, revision }: BegunRead, value: Revised | null): void {
    this.#checked += 1;
    const seen = value?.revision ?? 0;
    if (seen < revision) {
      this.#stale += 1;
      this.#note(
        subject,
        `stale: ${subject} at revision ${seen}, though ${revision} was acknowledged before`,
      );
    }
    if (value === null || this.#known.has(value)) return;
    if (this.#answers.has(JSON.stringify(value))) {
      if (Object.isFrozen(value)) this.#known.add(value);
      return;
    }
    this.#wrong += 1;
    this.#note(subject, `wrong: ${subject} at revision ${seen} is not what the database has answered`);
  }

  #acknowledgedOf(subject: string): number {
    return this.#acknowledged.get(subject) ?? 0;
  }

  #note(subject: string, example: string): void {
    if (this.#examples.size < MOST_EXAMPLES && !this.#examples.has(subject))
      this.#examples.set(subject, example);
  }
}
