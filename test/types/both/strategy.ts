/** What the compiler reads out of a strategy's template, and what it refuses. Compiled, never run. */

import type { Strategy } from '../../../src/api/strategy';
import type { TiercelCache } from '../../../src/create';
import type { KeyPart } from '../../../src/keys/placeholders';
import { type Exactly, exactly } from './exactly';

interface Feed {
  readonly items: readonly string[];
}

declare const cache: TiercelCache;
declare const feed: Feed;
declare const text: string;

const untyped = cache.strategy({ key: 'feed:<userId>:<cursor?>', ttl: 30 });
const feeds = untyped.of<Feed>();
exactly<Exactly<typeof untyped, Strategy<'feed:<userId>:<cursor?>', unknown>>>();
exactly<Exactly<typeof feeds, Strategy<'feed:<userId>:<cursor?>', Feed>>>();

export async function use(): Promise<void> {
  const found = await feeds.get({ userId: 'u1' });
  exactly<Exactly<typeof found, Feed | undefined>>();
  const fetched = await feeds.getOrFetch({ userId: 7n, cursor: undefined }, async () => feed);
  exactly<Exactly<typeof fetched, Feed>>();
  const many = await feeds.getMany([{ userId: 'u1' }, { userId: 'u2', cursor: 2 }]);
  exactly<Exactly<typeof many, (Feed | undefined)[]>>();
  await feeds.set({ userId: 'u1' }, feed);
  await feeds.put({ userId: 'u1' }, () => feed);
  await feeds.invalidate({ userId: 'u1' }, { reason: 'import' });
  await feeds.invalidate({ cursor: undefined });
  await feeds.invalidate({});

  // @ts-expect-error: without the user
  await feeds.get({ cursor: '2' });
  // @ts-expect-error: no such placeholder
  await feeds.get({ userId: 'u1', page: 2 });
  // @ts-expect-error: an object has no text of its own
  await feeds.get({ userId: { id: 'u1' } });
  // @ts-expect-error: not a feed
  await feeds.set({ userId: 'u1' }, 'feed');
  // @ts-expect-error: fetches something else
  await feeds.getOrFetch({ userId: 'u1' }, async () => 'feed');
  // @ts-expect-error: a lost id is not "any"
  await feeds.invalidate({ userId: undefined });
  // @ts-expect-error: no such placeholder
  await feeds.invalidate({ user: 'u1' });
}

const typed = cache.strategy({
  key: 'user:<user.id>:<query|hash>',
  unless: (value: Feed) => value.items.length === 0,
  tags: (value, values) => {
    exactly<Exactly<typeof value, Feed>>();
    exactly<Exactly<typeof values.user.id, NonNullable<KeyPart>>>();
    return value.items;
  },
});
exactly<Exactly<typeof typed, Strategy<'user:<user.id>:<query|hash>', Feed>>>();

const unchecked = cache.strategy({ key: text });
void unchecked.get({ whatever: 7 });

const alone = cache.strategy({ key: 'leaderboard:top', ttl: '5m' });
void alone.get({});

// @ts-expect-error: neither 'xfetch' nor a fraction
cache.strategy({ key: 'feed:<userId>', refreshAhead: 'sometimes' });
