/** The builders of `defineKeys`; what the compiler makes of them is in key-map.typecheck.ts. */
import { expect } from 'chai';
import { MissingValueError, TemplateSyntaxError, UnboundPlaceholderError } from '../../src/contract/errors';
import { defineKeys } from '../../src/keys/key-map';
import { bindPattern, parsePattern } from '../../src/keys/pattern';
import { parseTemplate, renderTemplate } from '../../src/keys/template';

const keys = defineKeys({
  userVault: 'vault:user:<userId>',
  userPosition: 'lb:user:<userId>:guild:<guildId>',
  guildPositions: 'lb:user:*:guild:<guildId>',
  rpcBalance: 'rpc:wallet:<address|lower>',
  feed: 'feed:<user.id>:<cursor?>',
  twice: '<a>:<b>:<a>',
  allRpc: 'rpc:*',
  search: 'search:<query|hash>',
});

describe('defineKeys', () => {
  it('builds keys from values in template order, one argument per name', () => {
    expect(keys.userVault(12345)).to.equal('vault:user:12345');
    expect(keys.userPosition('12345', '67890')).to.equal('lb:user:12345:guild:67890');
    expect(keys.rpcBalance('0xABCD')).to.equal('rpc:wallet:0xabcd');
    expect(keys.feed({ id: 1 })).to.equal('feed:1:%_');
    expect(keys.feed({ id: 1 }, 'c:1')).to.equal('feed:1:c%3A1');
    expect(keys.twice(1, 2)).to.equal('1:2:1');
    expect(keys.search({ b: 1, a: 2 })).to.equal(keys.search({ a: 2, b: 1 }));
  });

  it('builds patterns from patterns', () => {
    expect(keys.guildPositions('6:7')).to.equal('lb:user:*:guild:6%3A7');
    expect(keys.allRpc()).to.equal('rpc:*');
  });

  it('leaves what is not given to *', () => {
    expect(keys.userPosition.pattern()).to.equal('lb:user:*:guild:*');
    expect(keys.userPosition.pattern(1)).to.equal('lb:user:1:guild:*');
    expect(keys.userPosition.pattern(1, 2)).to.equal('lb:user:1:guild:2');
    expect(keys.twice.pattern('x')).to.equal('x:*:x');
    expect(keys.guildPositions.pattern()).to.equal('lb:user:*:guild:*');
    expect(keys.feed.pattern({ id: 1 })).to.equal('feed:1:*');
  });

  it('throws when an id of a pattern was lost, instead of widening it', () => {
    expect(() => keys.userPosition.pattern(undefined as never)).to.throw(MissingValueError, /<userId>/);
    expect(() => keys.userVault(undefined as never)).to.throw(
      MissingValueError,
      /<userId> in 'vault:user:<userId>'/,
    );
  });

  it('gives a string that matches its own keys when it is parsed as a pattern', () => {
    const key = keys.userPosition('*:%', ' ');
    for (const text of [
      keys.userPosition.pattern('*:%'),
      keys.userPosition('*:%', ' '),
      keys.guildPositions(' '),
    ]) {
      expect(bindPattern(parsePattern(text), {}).matches(key), text).to.equal(true);
    }
    expect(bindPattern(parsePattern(keys.userPosition.pattern('*')), {}).matches(key)).to.equal(false);
  });

  it('gives the template for decorators, and values by name for calls that take both', () => {
    expect(keys.feed.template).to.equal('feed:<user.id>:<cursor?>');
    expect(keys.feed.values({ id: 1 }, 'x')).to.deep.equal({ user: { id: 1 }, cursor: 'x' });
    expect(renderTemplate(parseTemplate(keys.feed.template), keys.feed.values({ id: 1 }, 'x'))).to.equal(
      keys.feed({ id: 1 }, 'x'),
    );
  });

  it('cannot be changed afterwards', () => {
    expect(keys).to.be.frozen;
    expect(keys.userVault).to.be.frozen;
  });

  it('refuses bad templates when the keys are defined', () => {
    expect(() => defineKeys({ a: 'vault:{userId}' })).to.throw(TemplateSyntaxError, /expected <userId>/);
    for (const text of ['a:<0>', 'a:<this.tenant>', 'a:<result.id>']) {
      expect(() => defineKeys({ vault: text }))
        .to.throw(UnboundPlaceholderError, /key 'vault'.*placeholders with names/)
        .with.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
    }
  });
});
