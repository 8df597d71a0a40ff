import { expect } from 'chai';
import type { CacheConfig } from '../../../src/config/cache-config';
import { resolveConfig } from '../../../src/config/define';
import type { Finding } from '../../../src/contract/declared';
import { CheckError } from '../../../src/contract/errors';
import { CacheInvalidate } from '../../../src/decorators/cache-invalidate';
import { CachePut } from '../../../src/decorators/cache-put';
import { Cacheable } from '../../../src/decorators/cacheable';
import { CacheableMany } from '../../../src/decorators/cacheable-many';
import { checkProgram, isAtLeast } from '../../../src/ops/catalog/check';
import { declaredProgram } from '../../../src/ops/catalog/declared-program';
import { mapOf } from '../../../src/ops/catalog/map';
import { mermaidOf, tableOf } from '../../../src/ops/catalog/map-text';
import { type Program, programOf } from '../../../src/ops/catalog/program';
import { Strategies } from '../../../src/ops/catalog/strategies';
import { declarations } from '../../../src/registry/declarations';
import { FakeCache } from '../../decorators/fake-cache';

const cache = new FakeCache();

/** The program of the classes that `define` defines. */
function program(define: () => void, config: CacheConfig = {}): Program {
  const before = declarations().length;
  define();
  return programOf(resolveConfig(config), declarations().slice(before), cache);
}

function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ level, code, method }) => `${level} ${code} ${method}`);
}

function check(define: () => void, config?: CacheConfig): readonly Finding[] {
  return checkProgram(program(define, config));
}

/** A sound program: what the other tests break. */
function users(): void {
  class Users {
    @Cacheable('user:<id>')
    async user(id: string): Promise<string> {
      return id;
    }

    @CacheInvalidate(['user:<id>'])
    async remove(id: string): Promise<string> {
      return id;
    }
  }
  void Users;
}

describe('the static check', () => {
  it('finds nothing if all is sound', () => {
    expect(check(users)).to.deep.equal([]);
  });

  it('finds nothing in a program that declares no cached template: its keys are used by hand', () => {
    const byHand = (): void => {
      class Hand {
        @CacheInvalidate(['anything:<id>'])
        async remove(id: string): Promise<string> {
          return id;
        }
      }
      void Hand;
    };
    expect(check(byHand, { events: { changed: ['other:*'] } })).to.deep.equal([]);
  });

  describe('of patterns', () => {
    function misspelt(): void {
      users();
      class Slip {
        @CacheInvalidate(['usr:<id>'])
        async remove(id: string): Promise<string> {
          return id;
        }
      }
      void Slip;
    }

    it('reports one that reaches no cached template, and suggests the nearest', () => {
      const [finding, ...others] = check(misspelt);
      expect(others).to.deep.equal([]);
      expect(finding).to.deep.equal({
        level: 'error',
        code: 'unreached-pattern',
        message:
          "Slip.remove invalidates 'usr:<id>', which no cached template can give. Did you mean 'user:<id>'?",
        template: 'usr:<id>',
        method: 'Slip.remove',
      });
    });

    it('only warns of it if some key is computed, and may be its target', () => {
      const computed = (): void => {
        misspelt();
        class Computed {
          @Cacheable((id: string) => `usr:${id}`)
          async user(id: string): Promise<string> {
            return id;
          }
        }
        void Computed;
      };
      expect(codes(check(computed))).to.deep.equal(['warning unreached-pattern Slip.remove']);
    });

    it('reports those of events that no method emits', () => {
      expect(codes(check(users, { events: { 'user.gone': ['usr:*'] } }))).to.deep.equal([
        'error unreached-pattern null',
      ]);
      expect(check(users, { events: { 'user.gone': ['user:*'] } })).to.deep.equal([]);
    });

    it('warns if one begins with a wildcard and takes several families, and not if it takes one', () => {
      const wide = (): void => {
        users();
        class Wide {
          @Cacheable('feed:<id>')
          async feed(id: string): Promise<string> {
            return id;
          }

          @CacheInvalidate(['*:<id>'])
          async remove(id: string): Promise<string> {
            return id;
          }
        }
        void Wide;
      };
      expect(codes(check(wide))).to.deep.equal(['warning broad-pattern Wide.remove']);
      expect(check(users, { events: { gone: ['*:<id>'] } })).to.deep.equal([]);
    });

    it("warns if one of its values would be another template's own literal", () => {
      const mixed = (): void => {
        users();
        class Mixed {
          @Cacheable('user:all')
          async all(): Promise<string> {
            return '';
          }
        }
        void Mixed;
      };
      const found = check(mixed);
      expect(codes(found)).to.deep.equal([
        'warning overlapping-templates Mixed.all',
        'warning broad-pattern Users.remove',
      ]);
      expect(found[1]!.message).to.equal(
        "Users.remove: if <id> is 'all', 'user:<id>' also takes 'user:all'.",
      );
    });
  });

  describe('of events', () => {
    function signals(): void {
      users();
      class Signals {
        @CacheInvalidate({ event: 'user.changed' })
        async change(userId: string): Promise<string> {
          return userId;
        }

        @CacheInvalidate({ event: 'user.changed', data: ([id]) => ({ id }) })
        async rename(id: string): Promise<string> {
          return id;
        }
      }
      void Signals;
    }

    it('reports a placeholder that the parameters cannot fill; what `data` computes is not known', () => {
      const found = check(signals, { events: { 'user.changed': ['user:<id>'] } });
      expect(codes(found)).to.deep.equal(['error unfillable-event Signals.change']);
      expect(found[0]!.message).to.include('needs <id>: it has no parameter of that name (userId)');
      expect(check(signals, { events: { 'user.changed': ['user:<userId>', 'user:<id?>'] } })).to.deep.equal(
        [],
      );
    });

    it('reports an event that the configuration does not have', () => {
      expect(codes(check(signals, { events: { 'user.change': ['user:*'] } }))).to.deep.equal([
        'error unknown-event Signals.change',
        'error unknown-event Signals.rename',
      ]);
    });
  });

  describe('of methods', () => {
    it('warns of two that keep entries under templates which can give one key, and not of an override', () => {
      const shared = (): void => {
        users();
        class Others {
          @Cacheable('user:<name>')
          async byName(name: string): Promise<string> {
            return name;
          }
        }
        class Base {
          @Cacheable('base:<id>')
          async item(id: string): Promise<string> {
            return id;
          }
        }
        class Derived extends Base {
          @Cacheable('base:<id>')
          override async item(id: string): Promise<string> {
            return id;
          }
        }
        void [Others, Derived];
      };
      const found = check(shared).filter(({ level }) => level !== 'info');
      expect(codes(found)).to.deep.equal(['warning overlapping-templates Others.byName']);
      expect(found[0]!.message).to.match(/^Users\.user and Others\.byName share the entries/);
    });

    it('warns of a put and an invalidation of one key on one method', () => {
      const contradictory = (): void => {
        class Contradictory {
          @Cacheable('user:<id>')
          async user(id: string): Promise<string> {
            return id;
          }

          @CachePut('user:<id>')
          @CacheInvalidate(['user:*'])
          async update(id: string): Promise<string> {
            return id;
          }
        }
        void Contradictory;
      };
      expect(codes(check(contradictory))).to.deep.equal(['warning put-and-invalidate Contradictory.update']);
    });

    it('reports a template that nothing invalidates or replaces', () => {
      const lonely = (): void => {
        class Lonely {
          @Cacheable('lonely:<id>')
          async item(id: string): Promise<string> {
            return id;
          }
        }
        void Lonely;
      };
      expect(codes(check(lonely))).to.deep.equal(['info never-invalidated Lonely.item']);
      expect(check(lonely, { events: { changed: ['lonely:*'] } })).to.deep.equal([]);
    });

    it('lets a bulk method share the entries of the method of one element, and maps both', () => {
      const bulk = (): void => {
        users();
        class Bulk {
          @CacheableMany('user:<ids[]>')
          async users(ids: readonly string[]): Promise<string[]> {
            return [...ids];
          }
        }
        void Bulk;
      };
      expect(check(bulk)).to.deep.equal([]);
      const { templates } = mapOf(program(bulk));
      expect(templates.map(({ template, readBy }) => [template, ...readBy])).to.deep.equal([
        ['user:<id>', 'Users.user'],
        ['user:<ids[]>', 'Bulk.users'],
      ]);
    });

    it('tells that a put by result only invalidates, unless it creates', () => {
      const byResult = (): void => {
        users();
        class ByResult {
          @CachePut('user:<result>')
          async upsert(): Promise<string> {
            return '7';
          }

          @CachePut('user:<result>', { created: true })
          async create(): Promise<string> {
            return '7';
          }
        }
        void ByResult;
      };
      expect(codes(check(byResult))).to.deep.equal(['info put-by-result ByResult.upsert']);
    });

    it('reports a preset that the configuration does not have', () => {
      const unset = (): void => {
        users();
        class Unset {
          @CachePut('user:<id>', { ttl: 'users' })
          async update(id: string): Promise<string> {
            return id;
          }
        }
        void Unset;
      };
      expect(codes(check(unset))).to.deep.equal(['error unknown-preset Unset.update']);
      expect(check(unset, { ttl: { users: '1m' } })).to.deep.equal([]);
    });

    it('reports a tag that no method gives its entries, and accepts a tag as an invalidation', () => {
      const tagged = (tag: string) => (): void => {
        class Tagged {
          @Cacheable('item:<id>', { tags: ['shop:<shop>'] })
          async item(id: string, shop: string): Promise<string> {
            return id + shop;
          }

          @CacheInvalidate({ tags: [tag] })
          async close(shop: string): Promise<string> {
            return shop;
          }
        }
        void Tagged;
      };
      expect(check(tagged('shop:<shop>'))).to.deep.equal([]);
      expect(codes(check(tagged('store:<shop>')))).to.deep.equal(['error unreached-tag Tagged.close']);
    });
  });

  it('leaves out methods that name another cache', () => {
    const elsewhere = (): void => {
      class Elsewhere {
        @CacheInvalidate(['nowhere:<id>'], { cache: new FakeCache() })
        async remove(id: string): Promise<string> {
          return id;
        }
      }
      void Elsewhere;
    };
    expect(
      check(() => {
        users();
        elsewhere();
      }),
    ).to.deep.equal([]);
  });

  it('throws all findings at the level of `failOn` or above at once', () => {
    const before = declarations().length;
    users();
    const own = () => declarations().slice(before);
    const config = resolveConfig({ events: { gone: ['usr:*', 'usrs:<id>'] } });
    const { check: checked } = declaredProgram(config, own, () => cache, new Strategies());
    expect(() => checked({ failOn: 'error' }))
      .to.throw(CheckError, "'usrs:<id>'")
      .with.nested.property('findings.length', 2);
    expect(checked({})).to.have.length(2);
    const sound = declaredProgram(resolveConfig({}), own, () => cache, new Strategies());
    expect(sound.check({ failOn: 'info' })).to.deep.equal([]);
  });

  it('ranks the levels', () => {
    expect(isAtLeast('error', 'warning')).to.equal(true);
    expect(isAtLeast('warning', 'warning')).to.equal(true);
    expect(isAtLeast('info', 'warning')).to.equal(false);
  });
});

describe('the map', () => {
  function cached(): void {
    class Items {
      @Cacheable('item:<id>', { ttl: { l1: 5, l2: '1m' } })
      async item(id: string): Promise<string> {
        return id;
      }

      @CachePut('item:<id>')
      async update(id: string): Promise<string> {
        return id;
      }

      @CacheInvalidate(['item:*', 'lost:<id>'])
      async remove(id: string): Promise<string> {
        return id;
      }

      @CacheInvalidate(() => ['item:1'])
      async computed(): Promise<void> {}
    }
    void Items;
  }

  const map = () =>
    mapOf(
      program(cached, { namespace: 'app', l2: { host: 'redis' }, events: { 'item.gone': ['item:<id>'] } }),
    );

  it('names for each template the methods that read, write and invalidate it, and how long it lives', () => {
    expect(map()).to.deep.equal({
      cache: 'app',
      templates: [
        {
          template: 'item:<id>',
          redisKey: 'app:item:<id>',
          ttl: { l1: 5, l2: 60 },
          readBy: ['Items.item'],
          writtenBy: ['Items.update'],
          invalidatedBy: [
            { method: 'Items.remove', event: null, pattern: 'item:*' },
            { method: null, event: 'item.gone', pattern: 'item:<id>' },
          ],
        },
      ],
      unreached: [{ method: 'Items.remove', event: null, pattern: 'lost:<id>' }],
      computed: ['Items.computed'],
    });
  });

  it('is a diagram in which no template is taken for HTML', () => {
    const text = mermaidOf(map());
    expect(text).to.match(/^flowchart LR\n/);
    expect(text).to.include('n0["item:#lt;id#gt;"]');
    expect(text).to.include('event item.gone');
    expect(text.split('\n').filter((line) => /"[^"]*<[^"]*"/.test(line))).to.deep.equal([]);
  });

  it('is a table with a line for each use, also for a pattern that reaches nothing', () => {
    const lines = tableOf(map()).trimEnd().split('\n');
    expect(lines).to.have.length(6);
    expect(lines.at(-1)).to.match(/^\(nothing\) +invalidated by +Items\.remove \(lost:<id>\)$/);
  });
});
