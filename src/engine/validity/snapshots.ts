/**
 * What makes an entry valid besides its own key (P5 to P9): the groups that the key belongs to by the namespace's
 * declared patterns, its tags, and the generations of all of them at one moment. Captured before a load, carried by its
 * entry, compared on read.
 */
import type { L2, RemoteEntry } from '../../contract/l2';
import type { ChangeCount } from './change-count';
import { TAG_EPOCH, tagNameOf } from './generation-keys';
import type { Group, Groups } from './groups';
import type { Shapes } from './pattern-shapes';
import type { Patterns } from './patterns';

export interface Snapshot {
  readonly shapes: Shapes;
  /** Those of the key, then those of the tags. */
  readonly groups: readonly Group[];
  /** In the order of `groups`. */
  readonly generations: readonly string[];
  readonly tags: readonly string[];
}

const NO_TAGS: readonly string[] = [];

interface Exactness {
  /** What is known here is not enough: L2 is asked. */
  readonly exact: boolean;
}

const AS_KNOWN: Exactness = { exact: false };

export class Snapshots {
  readonly #patterns: Patterns;
  readonly #groups: Groups;
  readonly #changes: ChangeCount;
  readonly #l2: L2;
  /** That of the keys that no pattern covers: one object for all of them, until something changes. */
  #plain: Snapshot | undefined;
  #plainAt = -1;

  constructor(patterns: Patterns, groups: Groups, changes: ChangeCount, l2: L2) {
    this.#patterns = patterns;
    this.#groups = groups;
    this.#changes = changes;
    this.#l2 = l2;
  }

  /** Without a command, where everything is known and may be relied on. */
  known(key: string): Snapshot | undefined {
    const shapes = this.#patterns.known();
    if (shapes === undefined) return undefined;
    const names = this.#groupNamesOf(key, shapes);
    if (names.length > 0) return this.#knownOf(shapes, this.#groups.of(names));
    const { value } = this.#changes;
    if (this.#plainAt !== value) {
      this.#plain = this.#knownOf(shapes, this.#groups.of(names));
      this.#plainAt = value;
    } else if (this.#plain !== undefined) this.#plain.groups[0]!.usedSinceTouch = true;
    return this.#plain;
  }

  /** Under the trust that the shapes are known under. */
  #knownOf(shapes: Shapes, groups: readonly Group[]): Snapshot | undefined {
    const generations = this.#groups.remembered(groups);
    return generations && { shapes, groups, generations, tags: NO_TAGS };
  }

  /** For an exact read: the groups of the key, if their generation keys are known to have been made. */
  groupsToRead(key: string): Pick<Snapshot, 'shapes' | 'groups'> | undefined {
    const shapes = this.#patterns.known();
    if (shapes === undefined) return undefined;
    const groups = this.#groups.of(this.#groupNamesOf(key, shapes));
    return groups.every(({ generation }) => generation !== undefined) ? { shapes, groups } : undefined;
  }

  /** As L2 has it now; undefined where L2 does not answer. In the pipeline of this turn, if the patterns are known. */
  async read(key: string): Promise<Snapshot | undefined> {
    const shapes = this.#patterns.known() ?? (await this.#patterns.read());
    if (shapes === undefined) return undefined;
    const groups = this.#groups.of(this.#groupNamesOf(key, shapes));
    const generations = await this.#groups.read(groups);
    return generations === undefined ? undefined : { shapes, groups, generations, tags: NO_TAGS };
  }

  /** The same, and in tags; undefined where L2 does not answer. Without a command where all are known, or none is given. */
  async inTags(
    snapshot: Snapshot,
    tags: readonly string[],
    { exact } = AS_KNOWN,
  ): Promise<Snapshot | undefined> {
    if (tags.length === 0) return snapshot;
    const groups = this.#groups.only(tags.map(tagNameOf));
    const generations = (exact ? undefined : this.#groups.known(groups)) ?? (await this.#groups.read(groups));
    return (
      generations && {
        shapes: snapshot.shapes,
        groups: [...snapshot.groups, ...groups],
        generations: [...snapshot.generations, ...generations],
        tags: [...snapshot.tags, ...tags],
      }
    );
  }

  /** Changes with each invalidation of any tag (P9); undefined where L2 does not answer. */
  async tagEpoch({ exact } = AS_KNOWN): Promise<string | undefined> {
    const groups = this.#groups.only([TAG_EPOCH]);
    const generations = (exact ? undefined : this.#groups.known(groups)) ?? (await this.#groups.read(groups));
    return generations?.[0];
  }

  /**
   * As `isCurrent`, for one that remembers the count of changes at which it was last found current: it is compared once
   * for each count.
   */
  isStillCurrent(holder: { readonly snapshot: Snapshot; currentAt: number }): boolean {
    const { value } = this.#changes;
    if (holder.currentAt === value) return true;
    if (!this.isCurrent(holder.snapshot)) return false;
    holder.currentAt = value;
    return true;
  }

  /** Whether nothing is known to have changed. To be asked only while the channel is trusted. */
  isCurrent({ shapes, groups, generations }: Snapshot): boolean {
    if (shapes !== this.#patterns.current) return false;
    for (let i = 0; i < groups.length; i += 1) {
      if (groups[i]!.generation !== generations[i]) return false;
    }
    return true;
  }

  /**
   * After a fill: whether its generations still stood when it was stored (P13). L2 is asked if that is not known, and
   * always for exact reads: they may know of an invalidation that has not been heard here.
   */
  async confirm(key: string, snapshot: Snapshot, exactness: Exactness): Promise<boolean> {
    const ofKey = (exactness.exact ? undefined : this.known(key)) ?? (await this.read(key));
    const now = ofKey && (await this.inTags(ofKey, snapshot.tags, exactness));
    return now !== undefined && sameGenerations(now.generations, snapshot.generations);
  }

  /** Besides the namespace's: that of the node which has the key where there are several, and those of the patterns. */
  #groupNamesOf(key: string, shapes: Shapes): readonly string[] {
    const home = this.#l2.homeOf(key);
    const ofPatterns = shapes.groupsOf(key);
    return home === undefined ? ofPatterns : [home, ...ofPatterns];
  }
}

/** Same generations in the same order: generations are unique, so these are the same groups in the same state. */
export function sameGenerations(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Whether an entry has these generations of its key's groups; those of its tags stand behind them. */
export function hasKeyGenerations({ generations, tags }: RemoteEntry, ofKey: readonly string[]): boolean {
  if (generations.length !== ofKey.length + tags.length) return false;
  for (let i = 0; i < ofKey.length; i += 1) {
    if (generations[i] !== ofKey[i]) return false;
  }
  return true;
}
