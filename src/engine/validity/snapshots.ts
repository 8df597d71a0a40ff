/**
 * What makes an entry valid besides its own key (P5 to P9): the groups that the key belongs to by the namespace's
 * declared patterns, its tags, and the tokens of all of them at one moment. Captured before a load, carried by its
 * entry, compared on read.
 */
import type { MarkerTier, RemoteEntry } from '../../contract/l2';
import type { Group, Groups } from './groups';
import type { Patterns } from './patterns';
import { type Shapes, TAG_EPOCH, tagNameOf } from './shapes';

export interface Membership {
  readonly shapes: Shapes;
  /** Those of the key, then those of the tags. */
  readonly groups: readonly Group[];
  /** In the order of `groups`. */
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
}

const NO_TAGS: readonly string[] = [];

interface Exactness {
  /** What is known here is not enough: L2 is asked. */
  readonly exact: boolean;
}

const AS_KNOWN: Exactness = { exact: false };

export class Memberships {
  readonly #patterns: Patterns;
  readonly #groups: Groups;
  readonly #markers: MarkerTier;

  constructor(patterns: Patterns, groups: Groups, markers: MarkerTier) {
    this.#patterns = patterns;
    this.#groups = groups;
    this.#markers = markers;
  }

  /** Without a command, where everything is known and may be relied on. */
  known(key: string): Membership | undefined {
    const shapes = this.#patterns.known();
    if (shapes === undefined) return undefined;
    const groups = this.#groupsOf(key, shapes);
    const tokens = this.#groups.known(groups);
    return tokens === undefined ? undefined : { shapes, groups, tokens, tags: NO_TAGS };
  }

  /** As L2 has it now; undefined where L2 does not answer. In the pipeline of this turn, if the patterns are known. */
  async read(key: string): Promise<Membership | undefined> {
    const shapes = this.#patterns.known() ?? (await this.#patterns.read());
    if (shapes === undefined) return undefined;
    const groups = this.#groupsOf(key, shapes);
    const tokens = await this.#groups.read(groups);
    return tokens === undefined ? undefined : { shapes, groups, tokens, tags: NO_TAGS };
  }

  /** The same, and in tags; undefined where L2 does not answer. Without a command where all are known, or none is given. */
  async inTags(
    membership: Membership,
    tags: readonly string[],
    { exact } = AS_KNOWN,
  ): Promise<Membership | undefined> {
    if (tags.length === 0) return membership;
    const groups = this.#groups.only(tags.map(tagNameOf));
    const tokens = (exact ? undefined : this.#groups.known(groups)) ?? (await this.#groups.read(groups));
    return (
      tokens && {
        shapes: membership.shapes,
        groups: [...membership.groups, ...groups],
        tokens: [...membership.tokens, ...tokens],
        tags: [...membership.tags, ...tags],
      }
    );
  }

  /** Changes with each invalidation of any tag (P9); undefined where L2 does not answer. */
  async tagEpoch({ exact } = AS_KNOWN): Promise<string | undefined> {
    const groups = this.#groups.only([TAG_EPOCH]);
    const tokens = (exact ? undefined : this.#groups.known(groups)) ?? (await this.#groups.read(groups));
    return tokens?.[0];
  }

  /** Whether nothing is known to have changed. To be asked only while the channel is trusted. */
  isCurrent({ shapes, groups, tokens }: Membership): boolean {
    if (shapes !== this.#patterns.current) return false;
    for (let i = 0; i < groups.length; i += 1) {
      if (groups[i]!.token !== tokens[i]) return false;
    }
    return true;
  }

  /**
   * After a fill: whether its tokens still stood when it was stored (P13). L2 is asked where that is not known, and
   * always where the reader does not rely on what is known here: he may have been told of what has not arrived yet.
   */
  async confirm(key: string, membership: Membership, reliesOnKnown: boolean): Promise<boolean> {
    const ofKey = (reliesOnKnown ? this.known(key) : undefined) ?? (await this.read(key));
    const exactness = { exact: !reliesOnKnown };
    const now = ofKey && (await this.inTags(ofKey, membership.tags, exactness));
    return now !== undefined && sameTokens(now.tokens, membership.tokens);
  }

  /** That of the namespace, that of the node which has the key where there are several, and those of the patterns. */
  #groupsOf(key: string, shapes: Shapes): readonly Group[] {
    const home = this.#markers.homeOf(key);
    const ofPatterns = shapes.groupsOf(key);
    return this.#groups.of(home === undefined ? ofPatterns : [home, ...ofPatterns]);
  }
}

/** Same tokens in the same order: tokens are unique, so these are the same groups in the same state. */
export function sameTokens(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Whether an entry has these tokens of its key's groups; those of its tags stand behind them. */
export function hasKeyTokens({ tokens, tags }: RemoteEntry, ofKey: readonly string[]): boolean {
  if (tokens.length !== ofKey.length + tags.length) return false;
  for (let i = 0; i < ofKey.length; i += 1) {
    if (tokens[i] !== ofKey[i]) return false;
  }
  return true;
}
