/**
 * The scenario: each step does over HTTP what the strategy document describes, and holds what happens against what the
 * document says. Steps that must come out one way can fail the run; times depend on the machine and are only shown.
 */
import type { Client } from './client';
import type { MarketData } from './market-data';

export interface Finding {
  readonly claim: string;
  readonly document: string;
  readonly here: string;
  /** `undefined`: a time, which is shown and not judged. */
  readonly holds: boolean | undefined;
}

const CALLERS = 50;
const VISITS = 1_500;
const READERS = 20;

export class Scenario {
  readonly #client: Client;
  readonly #data: MarketData;

  constructor(client: Client, data: MarketData) {
    this.#client = client;
    this.#data = data;
  }

  async *run(): AsyncGenerator<Finding> {
    yield* this.#coldAndWarm();
    yield this.#stampede();
    yield* this.#events();
    yield this.#writeThrough();
    yield* this.#traffic();
    yield* this.#endpoints();
  }

  async *#coldAndWarm(): AsyncGenerator<Finding> {
    await this.#publish('1');
    const cold = await this.#client.get('/feed/user-1');
    const queries = await this.#queriesOf(async () => {
      await this.#client.get('/feed/user-1');
      await this.#client.get('/feed/user-1');
    });
    yield time('Feed load, cold, over HTTP', '< 2 s', cold.ms);
    yield fact('A feed that is read again', 'no query', `${queries} queries`, queries === 0);
  }

  async #stampede(): Promise<Finding> {
    const queries = await this.#queriesOf(() =>
      Promise.all(Array.from({ length: CALLERS }, () => this.#client.get('/prices/BTC-USD'))),
    );
    return fact(`${CALLERS} callers of a cold price`, 'one fetch', `${queries} fetch(es)`, queries === 1);
  }

  async *#events(): AsyncGenerator<Finding> {
    await this.#client.get('/feed/user-2');
    await this.#client.get('/providers/1/stats');
    const before = (await this.#client.get('/providers/1/stats')).json.signals;
    const { signalId } = await this.#publish('1');
    const feeds = await Promise.all(['user-1', 'user-2'].map((user) => this.#client.get(`/feed/${user}`)));
    const shown = feeds.filter(({ json }) => json[0]?.signalId === signalId).length;
    yield fact('signal.created → feed:*', 'every feed anew', `shown in ${shown} of 2`, shown === 2);
    const after = (await this.#client.get('/providers/1/stats')).json.signals;
    yield fact(
      'signal.created → provider:{id}:stats',
      'statistics anew',
      `${before} → ${after}`,
      after === before + 1,
    );

    const queries = await this.#queriesOf(async () => {
      await this.#client.send('POST', `/feed/user-1/copies/${signalId}`);
      await this.#client.get('/feed/user-1');
      await this.#client.get('/feed/user-2');
    });
    yield fact(
      'trade.executed → feed:{userId}:*',
      'only his feed',
      `${queries} of 2 feeds loaded`,
      queries === 1,
    );

    const { json } = await this.#client.send('PUT', '/prices/BTC-USD', { price: 105 });
    const { price } = (await this.#client.get('/prices/BTC-USD')).json;
    yield fact('price.updated → price:{assetPair}', 'the new price', `${price}`, price === json.price);
  }

  async #writeThrough(): Promise<Finding> {
    await this.#client.send('PUT', '/providers/1/stats', { winRate: 73 });
    let winRate = 0;
    const queries = await this.#queriesOf(async () => {
      winRate = (await this.#client.get('/providers/1/stats')).json.winRate;
    });
    const here = `${winRate} %, ${queries} queries`;
    return fact('Write-through of statistics', 'new, no query', here, winRate === 73 && queries === 0);
  }

  async *#traffic(): AsyncGenerator<Finding> {
    for (let visit = 0; visit < VISITS; visit += READERS) {
      const paths = Array.from({ length: READERS }, (_, reader) => this.#visited(visit + reader));
      await Promise.all(paths.map((path) => this.#client.get(path)));
    }
    const { l1, l2, overall, calls, methods } = (await this.#client.get('/cache/stats')).json;
    const fields = Object.keys(overall).join(', ');
    yield fact(
      'Fields per tier of GET /cache/stats',
      'hits … avgResponseTime',
      fields,
      'avgResponseTime' in l1,
    );
    const served = Math.round((100 * (calls.total - calls.loaded)) / calls.total);
    yield fact('Hit rate of hot data', '> 80 %', `${served} % of calls without a query`, served > 80);
    yield time('L1 response', '< 1 ms', l1.avgResponseTime);
    if (l2.hits > 0) yield time('L2 response', '< 10 ms', l2.avgResponseTime);
    yield time('Cache miss with its query', '< 100 ms', methods['FeedCacheStrategy'].latency.load.avg);
  }

  async *#endpoints(): AsyncGenerator<Finding> {
    const health = await this.#client.get('/cache/health');
    const [verdict] = health.json.message.split(':');
    yield fact('GET /cache/health', 'a message', verdict, health.status === 200);
    const invalidate = '/cache/invalidate?event=signal.created&data={"providerId":"123"}';
    const refused = await this.#client.send('POST', invalidate);
    yield fact('POST /cache/invalidate, no token', '(not said)', `${refused.status}`, refused.status === 401);
    const accepted = await this.#client.authorized('POST', invalidate);
    const queries = await this.#queriesOf(() => this.#client.get('/feed/user-1'));
    yield fact(
      'The same with the token',
      'feeds anew',
      `${accepted.status}, ${queries} query`,
      queries === 1,
    );
    const cleared = await this.#client.authorized('DELETE', '/cache/clear');
    const loads = await this.#queriesOf(() => this.#client.get('/prices/BTC-USD'));
    yield fact('DELETE /cache/clear', 'all anew', `${cleared.status}, ${loads} query`, loads === 1);
  }

  #visited(visit: number): string {
    const paths = [
      '/feed/user-1',
      '/prices/BTC-USD',
      `/feed/user-${visit % 5}`,
      '/providers/1/stats',
      '/leaderboard',
    ];
    return paths[visit % paths.length]!;
  }

  async #publish(providerId: string): Promise<{ signalId: number }> {
    return (await this.#client.send('POST', '/signals', { providerId })).json;
  }

  async #queriesOf(work: () => Promise<unknown>): Promise<number> {
    const before = this.#data.queries;
    await work();
    return this.#data.queries - before;
  }
}

function fact(claim: string, document: string, here: string, holds: boolean): Finding {
  return { claim, document, here, holds };
}

function time(claim: string, document: string, ms: number): Finding {
  return { claim, document, here: `${ms.toFixed(ms < 1 ? 3 : 1)} ms`, holds: undefined };
}
