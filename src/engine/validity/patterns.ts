/**
 * The declared patterns of the namespace (P7). They are one set in L2 that all processes share: a process adds its own
 * before its first fill or invalidation, and follows what others add. A process that knew only its own would store
 * entries without the groups of a writer whose class it never loaded, and that writer's patterns would not reach them.
 */
import type { Clock } from '../../contract/clock';
import type { L2 } from '../../contract/l2';
import type { ChangeCount } from './change-count';
import type { Fences } from './fences';
import { NAMESPACE_GROUP, PATTERN_SET } from './generation-keys';
import { Shapes } from './pattern-shapes';
import type { Trust } from './trust';

/** The source of this process's own patterns; `count` grows when classes are defined later. */
export interface OwnPatterns {
  readonly count: number;
  shapes(): readonly string[];
}

export class Patterns {
  readonly #clock: Clock;
  readonly #trust: Trust;
  readonly #l2: L2;
  readonly #fences: Fences;
  readonly #changes: ChangeCount;
  readonly #own: OwnPatterns;
  #current: Shapes | undefined;
  #latest: Shapes | undefined;
  #countAdded = -1;

  constructor(clock: Clock, trust: Trust, l2: L2, fences: Fences, changes: ChangeCount, own: OwnPatterns) {
    this.#clock = clock;
    this.#trust = trust;
    this.#l2 = l2;
    this.#fences = fences;
    this.#changes = changes;
    this.#own = own;
  }

  /** What entries in L1 are held against; undefined since the set was changed by somebody, until it is read again. */
  get current(): Shapes | undefined {
    return this.#current;
  }

  /** The namespace's shapes, if they are known and may be relied on now. */
  known(): Shapes | undefined {
    if (this.#own.count !== this.#countAdded || !this.#trust.holds(this.#clock.now())) return undefined;
    return this.#current;
  }

  /** Adds this process's own and reads all; undefined where L2 does not answer. */
  async read(): Promise<Shapes | undefined> {
    const fence = this.#fences.open(PATTERN_SET, true);
    try {
      const { count } = this.#own;
      const own = this.#own.shapes();
      const all = await this.#add(count === this.#countAdded ? [] : own);
      if (all === undefined) return undefined;
      // One's own addition is heard as well, and makes the set unknown once more.
      const latest = sameShapes(this.#latest, [...all, ...own]);
      this.#latest = latest;
      this.#become(!fence.dirty && this.#trust.holds(this.#clock.now()) ? latest : undefined);
      this.#countAdded = count;
      return latest;
    } finally {
      this.#fences.close(fence);
    }
  }

  /** Looks after the set, of whose loss a transport may not tell: what is missing is added again. */
  async check(): Promise<void> {
    if (this.#latest === undefined) return;
    const own = this.#own.shapes();
    const all = await this.#add(own);
    if (all !== undefined && sameShapes(this.#latest, [...all, ...own]) !== this.#latest) this.forget();
  }

  /** All entries of the namespace go if the set was lost: it may have had patterns that nobody declares now. */
  #add(own: readonly string[]): Promise<readonly string[] | undefined> {
    return this.#l2.generations.patterns(PATTERN_SET, own, NAMESPACE_GROUP);
  }

  /** If L2 cannot be asked: the last that was read, or at least this process's own. */
  get lastResort(): Shapes {
    return this.#latest ?? new Shapes(this.#own.shapes());
  }

  /** The set was changed, removed or lost: own patterns are added again with the next read. */
  forget(): void {
    this.#fences.heard(PATTERN_SET);
    this.#become(undefined);
    this.#countAdded = -1;
  }

  #become(current: Shapes | undefined): void {
    if (this.#current === current) return;
    this.#current = current;
    this.#changes.raise();
  }
}

/** The same object where nothing has changed: entries in L1 are held against it. */
function sameShapes(before: Shapes | undefined, texts: readonly string[]): Shapes {
  const after = new Shapes(texts);
  if (before?.texts.size !== after.texts.size) return after;
  return [...after.texts].every((text) => before.texts.has(text)) ? before : after;
}
