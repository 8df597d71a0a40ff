/**
 * Which groups a key belongs to, by the patterns that are declared in its namespace (P5, P7).
 * A declared pattern counts by its shape: `feed:<userId>:*` and `feed:<id>:*` are both `feed:<>:*`. A key that fits a
 * shape belongs to the group that the shape makes of the key's own segments: `feed:42:7` to `feed:42:*`. So whoever
 * invalidates a bound pattern names exactly one group, and finds it without looking at a key.
 */
import { ANY, type Pattern, REST } from '../../keys/pattern';

/** A placeholder of a shape: takes the key's own segment into the group's name. */
const OWN = '<>';
const WILDCARD = '*';

/** Names of the toolkit's own begin with this, and no key does (P1). */
export const OWN_NAMES = '<';
export const NAMESPACE_GROUP = '<all';
export const PATTERN_SET = '<patterns';
/** Removed with every tag that is invalidated (P9). */
export const TAG_EPOCH = '<tags';
const GROUP_PREFIX = '<p:';
const TAG_PREFIX = '<t:';
const LOCK_PREFIX = '<r:';

export function shapeOf(pattern: Pattern): string {
  return pattern.segments
    .map((segment) => {
      if (segment === ANY || segment === REST) return WILDCARD;
      return typeof segment === 'string' ? segment : OWN;
    })
    .join(':');
}

/** The generation key of the group that a bound pattern names. */
export function groupNameOf(boundPattern: string): string {
  return GROUP_PREFIX + boundPattern;
}

/** The generation key of a tag. */
export function tagNameOf(tag: string): string {
  return TAG_PREFIX + tag;
}

/** The advisory lock of a key's refresh (P20). */
export function lockNameOf(key: string): string {
  return LOCK_PREFIX + key;
}

export function isTagName(name: string): boolean {
  return name.startsWith(TAG_PREFIX);
}

export class Shapes {
  readonly #shapes: readonly (readonly string[])[];
  readonly texts: ReadonlySet<string>;

  constructor(texts: Iterable<string>) {
    this.texts = new Set(texts);
    this.#shapes = [...this.texts].sort().map((text) => text.split(':'));
  }

  /** The generation keys of the key's groups, in an order on which all processes agree. */
  groupsOf(key: string): readonly string[] {
    if (this.#shapes.length === 0) return [];
    const segments = key.split(':');
    const groups = new Set<string>();
    for (const shape of this.#shapes) {
      const group = groupIn(shape, segments);
      if (group !== undefined) groups.add(groupNameOf(group));
    }
    return [...groups].sort();
  }

  /** Whether a bound pattern names a group of one of the shapes: then invalidating it is one command. */
  covers(boundPattern: string): boolean {
    const segments = boundPattern.split(':');
    return this.#shapes.some(
      (shape) =>
        shape.length === segments.length &&
        shape.every((part, i) => part === segments[i] || (part === OWN && segments[i] !== WILDCARD)),
    );
  }
}

/** The bound pattern that a shape makes of a key's segments, or undefined where it does not fit. */
function groupIn(shape: readonly string[], segments: readonly string[]): string | undefined {
  const last = shape.length - 1;
  const restAllowed = shape[last] === WILDCARD;
  if (segments.length < shape.length || (segments.length > shape.length && !restAllowed)) return undefined;
  const bound: string[] = [];
  for (const [i, part] of shape.entries()) {
    if (part === WILDCARD) bound.push(WILDCARD);
    else if (part === OWN || part === segments[i]) bound.push(segments[i]!);
    else return undefined;
  }
  return bound.join(':');
}
