/** Under Nest, what `@Exclude()` hides of an instance is not sent because the instance came back from L2 as plain data. */
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  Param,
  UseInterceptors,
} from '@nestjs/common';
import { expect } from 'chai';
import { Exclude, Expose, Transform } from 'class-transformer';
import type { CacheEvents, TiercelCache } from '../../src';
import { Cacheable } from '../../src/decorators/cacheable';
import { UseCache } from '../../src/decorators/use-cache';
import { InjectCache, TiercelModule } from '../../src/nestjs/tiercel-module';
import { sharedRedis } from '../support/nodes';
import { PLATFORMS, type Platform, type Running, run } from './applications';

class Account {
  constructor(
    readonly id: string,
    password: string,
  ) {
    this.password = password;
  }

  @Exclude()
  readonly password: string;

  static from = ({ id, password }: Account): Account => new Account(id, password);
}

@Exclude()
class Strict {
  @Expose() readonly id = 'strict';
  readonly secret = 'x';
}

class Masked {
  @Transform(() => '***')
  readonly card = '4111';
}

class Undecorated {
  readonly id = 'plain';
}

/** Two applications of one process: each service has its own cache. */
@Injectable()
@UseCache((self: Accounts) => self.cache)
class Accounts {
  loads = 0;
  readonly faults: CacheEvents['error'][] = [];

  constructor(@InjectCache() readonly cache: TiercelCache) {
    cache.on('error', (fault) => this.faults.push(fault));
  }

  @Cacheable('account:<id>')
  async unprepared(id: string): Promise<Account> {
    return this.load(id);
  }

  @Cacheable('account:<id>:page')
  async page(id: string): Promise<{ items: Account[] }> {
    return { items: [this.load(id)] };
  }

  @Cacheable('account:<id>:revived', { revive: Account.from })
  async revived(id: string): Promise<Account> {
    return this.load(id);
  }

  @Cacheable('account:<id>:plain', { plain: true })
  async plain(id: string): Promise<Account> {
    return this.load(id);
  }

  load(id: string): Account {
    this.loads += 1;
    return new Account(id, 'secret');
  }
}

@Controller('accounts')
@UseInterceptors(ClassSerializerInterceptor)
class AccountsController {
  constructor(readonly accounts: Accounts) {}

  @Get(':id/:method')
  answer(@Param('id') id: string, @Param('method') method: 'unprepared' | 'page' | 'revived' | 'plain') {
    return this.accounts[method](id);
  }
}

for (const platform of Object.keys(PLATFORMS) as Platform[]) {
  describe(`instances that class-transformer decorates, on ${platform}`, () => {
    const running: Running[] = [];
    const namespace = `hidden-${process.pid}-${platform}`;

    const start = async () => {
      const { port } = await sharedRedis();
      const one = await run(platform, {
        imports: [
          TiercelModule.forRoot({ namespace, warnRoundTrip: false, l2: { host: '127.0.0.1', port } }),
        ],
        providers: [Accounts],
        controllers: [AccountsController],
      });
      running.push(one);
      const accounts = one.app.get(Accounts);
      const get = async (method: string) => (await one.send(`/accounts/1/${method}`)).text();
      return { accounts, get };
    };

    afterEach(() => Promise.all(running.splice(0).map((one) => one.close())));

    it('are not stored, and are reported once, so that no process sends what they hide', async () => {
      const [one, other] = [await start(), await start()];
      for (const { get } of [one, one, other]) expect(await get('unprepared')).to.equal('{"id":"1"}');
      for (const { get } of [one, other]) expect(await get('page')).to.equal('{"items":[{"id":"1"}]}');
      expect(one.accounts.loads).to.equal(3);
      expect(other.accounts.loads).to.equal(2);
      const codes = one.accounts.faults.map(({ error }) => (error as { code?: string }).code);
      expect(codes).to.deep.equal(['TIERCEL_UNCACHEABLE', 'TIERCEL_UNCACHEABLE']);
      expect(String(one.accounts.faults[0]?.error)).to.contain('Account').and.to.contain("'revive'");
    });

    it('are stored with revive, and stay hidden in the next process; with plain: true nothing is hidden', async () => {
      const [one, other] = [await start(), await start()];
      for (const { get } of [one, other]) expect(await get('revived')).to.equal('{"id":"1"}');
      await one.get('plain');
      expect(await other.get('plain')).to.contain('secret');
      expect(other.accounts.loads).to.equal(0);
      expect(other.accounts.faults).to.deep.equal([]);
    });

    it('are told by each kind of decorator; other instances are stored (control)', async () => {
      const { accounts } = await start();
      const { cache } = accounts;
      for (const make of [() => new Strict(), () => new Masked()]) {
        expect(await cache.set('k', make())).to.equal(false);
      }
      expect(await cache.set('k', new Undecorated())).to.equal(true);
    });
  });
}
