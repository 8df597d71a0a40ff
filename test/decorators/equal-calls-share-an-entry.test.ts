/** Calls that mean the same have one key: defaults left out or written, and values that JSON takes for equal. */
import { expect } from 'chai';
import { createCache, type TiercelCache } from '../../src/create';
import { Cacheable } from '../../src/decorators/cacheable';
import { errorOf, loadFixture } from './both-modes';

class ObjectId {
  readonly #hex: string;
  constructor(hex: string) {
    this.#hex = hex;
  }
  toJSON(): string {
    return this.#hex;
  }
}

for (const mode of ['legacy', 'standard'] as const) {
  describe(`equal calls (${mode} decorators)`, () => {
    const { Articles } = loadFixture<typeof import('./fixtures/equal-calls')>(
      'fixtures/equal-calls.ts',
      mode,
    );
    let cache: TiercelCache;
    beforeEach(() => {
      cache = createCache({ namespace: 'equal', events: { edited: ['articles:<tenant>:<page>:*'] } });
    });
    afterEach(() => cache.close());

    it('share one entry if one leaves arguments to literal defaults that the other writes', async () => {
      const articles = new Articles();
      await articles.list('a');
      await articles.list('a', 1);
      await articles.list('a', undefined, "by 'date'\n");
      expect(articles.loads).to.equal(1);
      await articles.list('a', 2);
      expect(articles.loads).to.equal(2);
      await articles.filtered();
      await articles.filtered({});
      expect(articles.loads).to.equal(3);
    });

    for (const edit of ['edit', 'editByEvent'] as const) {
      it(`${edit}: an invalidation reaches the entry whether or not its call writes the default`, async () => {
        const articles = new Articles();
        await articles.list('a', 1);
        await articles[edit]('a');
        await articles.list('a');
        expect(articles.loads).to.equal(2);
        await articles[edit]('a', 1);
        await articles.list('a');
        expect(articles.loads).to.equal(3);
      });
    }

    it('share one entry under |hash if a property is undefined in one and absent in the other', async () => {
      const articles = new Articles();
      await articles.search({ tag: 'x', author: undefined });
      await articles.search({ tag: 'x' });
      expect(articles.loads).to.equal(1);
      await articles.search({ tag: 'x', author: null });
      expect(articles.loads).to.equal(2);
    });

    it('share one entry if one passes an id as an object whose toJSON() gives a string, and the other the string', async () => {
      const articles = new Articles();
      await articles.one(new ObjectId('65f0'));
      await articles.one('65f0');
      expect(articles.loads).to.equal(1);
      await articles.search({ owner: new ObjectId('65f0') });
      await articles.search({ owner: '65f0' });
      expect(articles.loads).to.equal(2);
    });
  });
}

describe('a default that is not a literal', () => {
  const FIRST = 1;

  it('is refused when the class is defined, since the key could not name the page that the method returns', async () => {
    const error = await errorOf(() => {
      class Listed {
        @Cacheable('listed:<page>')
        async list(page = FIRST): Promise<number> {
          return page;
        }
      }
      return Listed;
    });
    expect(error).to.have.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
    expect(error.message).to.match(/Listed\.list, <page>.*default FIRST.*vars: \(/);
  });

  it('is accepted with vars that have the same default, and for a parameter that no placeholder names', async () => {
    class Listed {
      @Cacheable('listed:<page>', { vars: (page = FIRST) => ({ page }) })
      async list(page = FIRST): Promise<number> {
        return page;
      }

      @Cacheable('listed:<tenant>')
      async all(tenant: string, now = Date.now()): Promise<string> {
        return `${tenant} ${now}`;
      }
    }
    const cache = createCache({ namespace: 'listed' });
    expect(await new Listed().list()).to.equal(1);
    expect(await new Listed().all('a')).to.equal(await new Listed().all('a'));
    await cache.close();
  });
});
