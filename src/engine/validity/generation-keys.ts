/**
 * The names of the toolkit's own keys in L2: generation keys, the set of declared patterns, and locks of refreshes.
 */

/** Begins every name below. No key begins with it (P1). */
export const OWN_NAMES = '<';
export const NAMESPACE_GROUP = '<all';
export const PATTERN_SET = '<patterns';
/** Removed with every tag that is invalidated (P9). */
export const TAG_EPOCH = '<tags';
const GROUP_PREFIX = '<p:';
const TAG_PREFIX = '<t:';
const LOCK_PREFIX = '<r:';

/** The generation key of the group that a bound pattern names. */
export function groupNameOf(boundPattern: string): string {
  return GROUP_PREFIX + boundPattern;
}

/** The bound pattern of a group; any other name as it is. */
export function boundPatternOf(name: string): string {
  return name.startsWith(GROUP_PREFIX) ? name.slice(GROUP_PREFIX.length) : name;
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

/** What a generation key is of, for people. */
export function groupOf(name: string): {
  readonly kind: 'namespace' | 'node' | 'pattern' | 'tag';
  readonly name: string;
} {
  if (name === NAMESPACE_GROUP) return { kind: 'namespace', name: '' };
  if (name.startsWith(GROUP_PREFIX)) return { kind: 'pattern', name: boundPatternOf(name) };
  if (name.startsWith(TAG_PREFIX)) return { kind: 'tag', name: name.slice(TAG_PREFIX.length) };
  return { kind: 'node', name: name.slice(OWN_NAMES.length) };
}
