/**
 * The tests of the strategy document, as they are written there, except for the matcher: `toEqual` is Jest's, `to.deep.equal`
 * is Chai's.
 */
import { expect } from 'chai';
import { FeedCacheStrategy } from '../../examples/signals/strategies/feed-cache-strategy';
import { useNodes } from '../support/nodes';

describe('FeedCacheStrategy', () => {
  const nodes = useNodes();
  const mockFeed = { userId: 'user-1', items: [], revision: 1 };
  let feedCache: FeedCacheStrategy;

  beforeEach(async () => {
    feedCache = new FeedCacheStrategy(await nodes.node(undefined, { ttl: { signalFeed: 30 } }));
  });

  it('should return cached data on hit', async () => {
    await feedCache.setUserFeed('user-1', undefined, mockFeed);
    const result = await feedCache.getUserFeed('user-1');
    expect(result).to.deep.equal(mockFeed);
  });

  it('should fetch from DB on miss', async () => {
    const result = await feedCache.getOrFetchFeed('user-1', undefined, () => Promise.resolve(mockFeed));
    expect(result).to.deep.equal(mockFeed);
  });
});
