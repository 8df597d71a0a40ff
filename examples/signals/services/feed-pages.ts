/**
 * Which pages a feed has, and their keys. Everything that changes a feed invalidates all of them, since a new signal
 * moves each item down, over the end of its page.
 */
import { defineKeys } from '../../../src/index';

/** Pages after the first; nobody scrolls further than the third. */
export const FEED_CURSORS = ['2', '3'] as const;
export type FeedCursor = (typeof FEED_CURSORS)[number];

const { feed } = defineKeys({ feed: 'feed:<userId>:<cursor?>' });

/** The keys of all feed pages of these users. */
export function feedPages(userIds: readonly string[]): string[] {
  return userIds.flatMap((userId) => [undefined, ...FEED_CURSORS].map((cursor) => feed(userId, cursor)));
}
