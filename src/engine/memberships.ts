/**
 * What makes an entry valid besides its own key (P5 to P7): the groups that the key belongs to by the namespace's
 * declared patterns, and their tokens at one moment. Captured before a load, carried by its entry, compared on read.
 */
import type { Group, Groups } from './groups';
import type { Patterns } from './patterns';
import type { Shapes } from './shapes';

export interface Membership {
  readonly shapes: Shapes;
  readonly groups: readonly Group[];
  /** In the order of `groups`. */
  readonly tokens: readonly string[];
}

export class Memberships {
  readonly #patterns: Patterns;
  readonly #groups: Groups;

  constructor(patterns: Patterns, groups: Groups) {
    this.#patterns = patterns;
    this.#groups = groups;
  }

  /** Without a command, where everything is known and may be relied on. */
  known(key: string): Membership | undefined {
    const shapes = this.#patterns.known();
    if (shapes === undefined) return undefined;
    const groups = this.#groups.of(shapes.groupsOf(key));
    const tokens = this.#groups.known(groups);
    return tokens === undefined ? undefined : { shapes, groups, tokens };
  }

  /** As L2 has it now; undefined where L2 does not answer. In the pipeline of this turn, if the patterns are known. */
  async read(key: string): Promise<Membership | undefined> {
    const shapes = this.#patterns.known() ?? (await this.#patterns.read());
    if (shapes === undefined) return undefined;
    const groups = this.#groups.of(shapes.groupsOf(key));
    const tokens = await this.#groups.read(groups);
    return tokens === undefined ? undefined : { shapes, groups, tokens };
  }

  /** Whether nothing is known to have changed. To be asked only while the channel is trusted. */
  isCurrent({ shapes, groups, tokens }: Membership): boolean {
    if (shapes !== this.#patterns.current) return false;
    for (let i = 0; i < groups.length; i += 1) {
      if (groups[i]!.token !== tokens[i]) return false;
    }
    return true;
  }

  /** After a fill: whether its tokens still stood when it was stored (P13). Asks L2 where that is not known. */
  async confirm(key: string, membership: Membership): Promise<boolean> {
    const { tokens } = this.known(key) ?? (await this.read(key)) ?? {};
    return tokens !== undefined && sameTokens(tokens, membership.tokens);
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
