/**
 * Groups (P5 to P8): each has a generation key in L2 that holds a random generation. An entry carries the generations that its groups had
 * before it was loaded; it is valid only while they are still the generation keys'. Removing a generation key therefore invalidates all
 * entries of its group at once, also those that are being loaded, and in L1 without looking at any.
 *
 * This file keeps what is known of generations. A known generation is relied on only while the channel is trusted; a message for
 * a generation key makes its generation unknown, not changed: the next use reads it (P33).
 */
import type { Clock } from '../../contract/clock';
import type { L2 } from '../../contract/l2';
import type { ChangeCount } from './change-count';
import type { Fences } from './fences';
import { NAMESPACE_GROUP, PATTERN_SET } from './generation-keys';
import type { Trust } from './trust';

export interface Group {
  /** The generation key's name. */
  readonly name: string;
  /** Undefined: not known, and to be read before it is compared. */
  readonly generation: string | undefined;
  /** On the local clock: until then the generation key is known to exist for long enough (P8). */
  extendedUntil: number;
  usedSinceTouch: boolean;
}

/** Generation keys live at least this long, and twice as long as the longest entry under them. */
const GENERATION_KEY_MS = 24 * 3_600_000;

export class Groups {
  readonly #clock: Clock;
  readonly #trust: Trust;
  readonly #l2: L2;
  readonly #fences: Fences;
  readonly #changes: ChangeCount;
  /** Groups whose generations are remembered: some for each entry that L1 can hold. */
  readonly #limit: number;
  readonly #table = new Map<string, Group>();

  constructor(clock: Clock, trust: Trust, l2: L2, fences: Fences, changes: ChangeCount, l1Size: number) {
    this.#clock = clock;
    this.#trust = trust;
    this.#l2 = l2;
    this.#fences = fences;
    this.#changes = changes;
    this.#limit = Math.max(10_000, 4 * l1Size);
  }

  /** The namespace's own group, and those of the given generation keys. */
  of(names: readonly string[]): readonly Group[] {
    const groups = [this.#group(NAMESPACE_GROUP)];
    for (const name of names) groups.push(this.#group(name));
    return groups;
  }

  /** The groups of the given generation keys alone. */
  only(names: readonly string[]): readonly Group[] {
    return names.map((name) => this.#group(name));
  }

  /** The generations, where all are known and may be relied on now; no command is needed then. */
  known(groups: readonly Group[]): readonly string[] | undefined {
    return this.#trust.holds(this.#clock.now()) ? this.remembered(groups) : undefined;
  }

  /** The generations, where all are known. To be relied on only under trust. */
  remembered(groups: readonly Group[]): readonly string[] | undefined {
    const generations: string[] = [];
    for (const group of groups) {
      if (group.generation === undefined) return undefined;
      generations.push(group.generation);
    }
    return generations;
  }

  /** The generations as L2 has them now, creating generation keys that do not exist; undefined where L2 does not answer. */
  async read(groups: readonly Group[]): Promise<readonly string[] | undefined> {
    const generations = await Promise.all(groups.map((group) => this.#read(group)));
    return generations.every((generation) => generation !== undefined) ? generations : undefined;
  }

  /** Before a fill: generation keys must outlive the entry (P8). At most once per half of a generation key's life and process. */
  extend(groups: readonly Group[], entryMs: number): void {
    const now = this.#clock.now();
    for (const group of groups) {
      if (group.name === NAMESPACE_GROUP || group.extendedUntil > now + entryMs) continue;
      const ms = lifetimeFor(entryMs);
      group.extendedUntil = now + ms / 2;
      void this.#l2.generations.extend(group.name, ms);
    }
  }

  /** This generation key was written or removed by somebody. */
  forget(name: string): void {
    this.#fences.heard(name);
    const group = this.#table.get(name);
    if (group !== undefined) this.#know(group, undefined);
  }

  /**
   * This process invalidates the group. What L1 has of it goes for good: should the generation key's removal not come through,
   * its old generation would be read again, and must not bring the old copies back.
   */
  detach(name: string): void {
    this.forget(name);
    this.#table.delete(name);
  }

  forgetAll(): void {
    for (const group of this.#table.values()) this.#know(group, undefined);
  }

  /** Tells L2 that the generation keys in use are in use: eviction by age would take what it never sees read (P8). */
  touch(): void {
    const used: string[] = [PATTERN_SET];
    for (const group of this.#table.values()) {
      if (group.usedSinceTouch) used.push(group.name);
      group.usedSinceTouch = false;
    }
    void this.#l2.generations.touch(used);
  }

  async #read(group: Group): Promise<string | undefined> {
    const fence = this.#fences.open(group.name, true);
    try {
      const seen = group.generation === undefined ? undefined : await this.#l2.generations.peek(group.name);
      const ms = group.name === NAMESPACE_GROUP ? undefined : GENERATION_KEY_MS;
      const generation = seen ?? (await this.#l2.generations.read(group.name, ms));
      if (generation !== undefined && !fence.dirty && this.#trust.holds(this.#clock.now()))
        this.#know(group, generation);
      return generation;
    } finally {
      this.#fences.close(fence);
    }
  }

  #group(name: string): Group {
    let group = this.#table.get(name);
    if (group === undefined) {
      group = { name, generation: undefined, extendedUntil: 0, usedSinceTouch: false };
      this.#table.set(name, group);
      if (this.#table.size > this.#limit) this.#dropOldest();
    }
    group.usedSinceTouch = true;
    return group;
  }

  /** L1 entries hold on to the group that is dropped: without a generation it makes them misses. */
  #dropOldest(): void {
    for (const [name, group] of this.#table) {
      if (name === NAMESPACE_GROUP) continue;
      this.#know(group, undefined);
      this.#table.delete(name);
      return;
    }
  }

  /** The only place where a known generation changes, so that no change goes uncounted. */
  #know(group: { generation: string | undefined }, generation: string | undefined): void {
    if (group.generation === generation) return;
    group.generation = generation;
    this.#changes.raise();
  }
}

function lifetimeFor(entryMs: number): number {
  return Math.max(GENERATION_KEY_MS, 2 * entryMs);
}
