/**
 * The declared patterns of the namespace (P7). They are one set in L2 that all processes share: a process adds its own
 * before its first fill or invalidation, and follows what others add. A process that knew only its own would store
 * entries without the groups of a writer whose class it never loaded, and that writer's patterns would not reach them.
 */
import type { Clock } from '../contract/clock';
import type { Channel } from '../contract/coherence';
import type { MarkerTier } from '../contract/stores';
import type { Fences } from './fences';
import { PATTERN_SET, Shapes } from './shapes';

/** Where this process's own patterns come from; `count` grows when classes are defined later. */
export interface OwnPatterns {
  readonly count: number;
  shapes(): readonly string[];
}

export class Patterns {
  readonly #clock: Clock;
  readonly #channel: Channel;
  readonly #markers: MarkerTier;
  readonly #fences: Fences;
  readonly #own: OwnPatterns;
  #known: Shapes | undefined;
  #countAdded = -1;

  constructor(clock: Clock, channel: Channel, markers: MarkerTier, fences: Fences, own: OwnPatterns) {
    this.#clock = clock;
    this.#channel = channel;
    this.#markers = markers;
    this.#fences = fences;
    this.#own = own;
  }

  /** The namespace's shapes, where they are known and may be relied on now. */
  known(): Shapes | undefined {
    if (this.#own.count !== this.#countAdded || !this.#channel.trusted(this.#clock.now())) return undefined;
    return this.#known;
  }

  /** Adds this process's own and reads all; undefined where L2 does not answer. */
  async read(): Promise<Shapes | undefined> {
    const fence = this.#fences.open(PATTERN_SET);
    try {
      const { count } = this.#own;
      const own = this.#own.shapes();
      const all = await this.#markers.patterns(PATTERN_SET, count === this.#countAdded ? [] : own);
      if (all === undefined) return undefined;
      const shapes = new Shapes([...all, ...own]);
      // One's own addition is heard as well, and finds the set known already or asks for it again: both are right.
      if (!fence.dirty && this.#channel.trusted(this.#clock.now())) this.#known = shapes;
      this.#countAdded = count;
      return shapes;
    } finally {
      this.#fences.close(fence);
    }
  }

  async current(): Promise<Shapes | undefined> {
    return this.known() ?? this.read();
  }

  /** The set was changed, removed or lost: own patterns are added again with the next read. */
  forget(): void {
    this.#fences.dirty(PATTERN_SET);
    this.#known = undefined;
    this.#countAdded = -1;
  }
}
