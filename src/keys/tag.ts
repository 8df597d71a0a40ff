/**
 * Tags: names that entries carry so that they can be invalidated together. A tag is made as a key is, from a template or
 * by escaping. This file holds what is particular to tags: how many an entry may have, how long they may be, and a tag as
 * something to invalidate.
 */
import type { Target } from '../contract/engine';
import { TagInputError } from '../contract/errors';

/** More would make entries large and slow to check. */
const MAX_TAGS = 64;
/** Longest tag in bytes. */
const MAX_TAG_BYTES = 512;

/** No key tells by its text which tags its entry carries. */
const matchesNone = (): boolean => false;

/** A tag as something to invalidate. */
export function boundTag(text: string): Target {
  return { text, kind: 'tag', matches: matchesNone };
}

/**
 * The tags of one entry, each once.
 * @param textOf the canonical text of one tag of the list
 * @throws TagInputError (`TIERCEL_TAGS`)
 */
export function tagTexts(tags: unknown, textOf: (tag: any) => string): readonly string[] {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) {
    throw new TagInputError({
      expected: `an array of at most ${MAX_TAGS} tags`,
      got: Array.isArray(tags) ? `${tags.length} tags` : typeof tags,
    });
  }
  const texts = [...new Set(tags.map(textOf))];
  const tooLong = texts.find((text) => Buffer.byteLength(text) > MAX_TAG_BYTES);
  if (tooLong !== undefined) {
    throw new TagInputError({
      subject: `${tooLong.slice(0, 64)}...`,
      expected: `a tag of at most ${MAX_TAG_BYTES} bytes`,
      got: `${Buffer.byteLength(tooLong)} bytes`,
    });
  }
  return texts;
}
