/**
 * Runs the Nest example as its readers do, with a Redis that it finds and without any; once with a pattern forgotten, since a
 * scenario that could not fail would prove nothing. Its strategies are tested as the strategy document tests them.
 */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readOptions } from '../../examples/nestjs/options';
import { FeedCacheStrategy } from '../../examples/nestjs/strategies/feed-cache-strategy';
import { useNodes } from '../support/nodes';
import { type Ended, runExample } from './run-example';

const FACTS = 13;

function expectSoundRun({ code, out, errors }: Ended): void {
  expect(errors).to.equal('');
  expect(out).not.to.include('✗');
  expect(out.match(/^ {2}✓ /gm)).to.have.length(FACTS);
  expect(out).to.match(/L1 response +< 1 ms +[\d.]+ ms/);
  const longest = Math.max(...out.split('\n').map((line) => line.length));
  expect(longest).to.be.at.most(110);
  expect(code).to.equal(0);
}

describe('the Nest example', () => {
  it('finds a Redis to run, and everything comes out as the document says', async () => {
    const run = await runExample('nestjs', {});
    expectSoundRun(run);
    expect(run.out)
      .to.match(/L2 +a private server/)
      .and.match(/L2 response +< 10 ms/);
  });

  it('finds no Redis, says so, and comes out the same on L1 alone', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tiercel-no-redis-'));
    try {
      const run = await runExample('nestjs', { PATH: empty, REDIS_SERVER: '' });
      expectSoundRun(run);
      expect(run.out).to.match(/L2 +none found: L1 alone/);
    } finally {
      rmdirSync(empty);
    }
  });

  it('says what did not come out, and fails, if an event forgets a pattern', async () => {
    const run = await runExample('nestjs', { FORGOTTEN: 'nestjs signal.created feed:*' });
    expect(run.out).to.match(/✗ signal\.created → feed:\* +every feed anew +shown in 0 of 2/);
    expect(run.code).to.equal(1);
  });
});

describe('the options of the Nest example', () => {
  it('are read, and have defaults', () => {
    expect(readOptions([])).to.deep.equal({ serve: false, port: 0 });
    expect(readOptions(['--serve', '--port', '8080'])).to.deep.equal({ serve: true, port: 8080 });
  });

  for (const args of [['--sevre'], ['--port', '70000'], ['--port', 'x'], ['more']]) {
    it(`are refused if they say ${args.join(' ')}`, () => {
      expect(readOptions(args)).to.equal(undefined);
    });
  }
});

describe('the feed strategy of the Nest example', () => {
  const nodes = useNodes();
  const feed = [{ signalId: 1, providerId: '7' }];

  const strategy = async () => {
    const ttl = { signalFeed: 30 };
    return new FeedCacheStrategy(await nodes.node(undefined, { ttl }));
  };

  it('returns what was set', async () => {
    const feeds = await strategy();
    await feeds.setUserFeed('user-1', undefined, feed);
    expect(await feeds.getUserFeed('user-1')).to.deep.equal(feed);
    expect(await feeds.getUserFeed('user-2')).to.equal(undefined);
  });

  it('fetches what is missing, once', async () => {
    const feeds = await strategy();
    let fetched = 0;
    const fetch = async () => {
      fetched += 1;
      return feed;
    };
    expect(await feeds.getOrFetchFeed('user-1', undefined, fetch)).to.deep.equal(feed);
    expect(await feeds.getOrFetchFeed('user-1', undefined, fetch)).to.deep.equal(feed);
    expect(fetched).to.equal(1);
  });
});
