/**
 * Computes the groups of a key from the patterns that are declared in its namespace (P5, P7).
 * A declared pattern counts by its shape: `feed:<userId>:*` and `feed:<id>:*` are both `feed:<>:*`. A key that fits a
 * shape belongs to the group that the shape makes of the key's own segments: `feed:42:7` belongs to `feed:42:*`.
 * A bound pattern therefore names exactly one group, and no key has to be looked at.
 */
import { ANY, type Pattern, REST } from '../../keys/pattern';
import { boundPatternOf, groupNameOf, NAMESPACE_GROUP } from './generation-keys';

/** A placeholder of a shape: takes the key's own segment into the group's name. */
const OWN = '<>';
const WILDCARD = '*';
/** Begins the shape of keys that puts create under their result (P22). No segment of a key or pattern is like it. */
const CREATED = '<new>:';

export function shapeOf(pattern: Pattern): string {
  return pattern.segments
    .map((segment) => {
      if (segment === ANY || segment === REST) return WILDCARD;
      return typeof segment === 'string' ? segment : OWN;
    })
    .join(':');
}

/** The same of a template whose keys a put creates. */
export function createdShapeOf(template: Pattern): string {
  return CREATED + shapeOf(template);
}

/** The shapes of all declared patterns of a namespace. */
export class Shapes {
  readonly #shapes: readonly (readonly string[])[];
  readonly #created: readonly (readonly string[])[];
  readonly texts: ReadonlySet<string>;

  constructor(texts: Iterable<string>) {
    this.texts = new Set(texts);
    const sorted = [...this.texts].sort();
    const split = (shapes: readonly string[]) => shapes.map((text) => text.split(':'));
    this.#shapes = split(sorted.filter((text) => !text.startsWith(CREATED)));
    this.#created = split(
      sorted.filter((text) => text.startsWith(CREATED)).map((text) => text.slice(CREATED.length)),
    );
  }

  /** Whether a put may create this key, or one of this group or bound pattern, under its result (P22). */
  mayCreate(name: string): boolean {
    if (this.#created.length === 0 || name === NAMESPACE_GROUP) return this.#created.length > 0;
    const segments = boundPatternOf(name).split(':');
    return this.#created.some((shape) => mayMatch(segments, shape));
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

  /** Whether a bound pattern names a group of one of the shapes. If so, invalidating it is one command. */
  covers(boundPattern: string): boolean {
    const segments = boundPattern.split(':');
    return this.#shapes.some(
      (shape) =>
        shape.length === segments.length &&
        shape.every((part, i) => part === segments[i] || (part === OWN && segments[i] !== WILDCARD)),
    );
  }
}

/** Whether a key or bound pattern is, or matches, a key that fits the shape, which has no wildcards. */
function mayMatch(segments: readonly string[], shape: readonly string[]): boolean {
  const restAllowed = segments.at(-1) === WILDCARD;
  if (restAllowed ? shape.length < segments.length : shape.length !== segments.length) return false;
  return segments.every((part, i) => part === WILDCARD || shape[i] === OWN || part === shape[i]);
}

/** The bound pattern that a shape makes of a key's segments, or undefined if it does not fit. */
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
