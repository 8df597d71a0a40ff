/** Wildcards, binding, matching, and the static question what a pattern can reach. */
import { expect } from 'chai';
import fc from 'fast-check';
import { MissingValueError, TemplateSyntaxError } from '../../src/contract/errors';
import { escapeValue } from '../../src/keys/escape';
import { ANY, bindPattern, parsePattern, REST, reaches } from '../../src/keys/pattern';
import { parseTemplate, renderTemplate } from '../../src/keys/template';
import { hostileText } from './hostile-text';

const bind = (text: string, values: Record<string, unknown> = {}) => bindPattern(parsePattern(text), values);

describe('parsePattern', () => {
  it('reads a last * as the rest, and a first or inner one as any one segment', () => {
    expect(parsePattern('*').segments).to.deep.equal([REST]);
    expect(parsePattern('*:stats').segments).to.deep.equal([ANY, 'stats']);
    expect(parsePattern('lb:*:guild:*').segments).to.deep.equal(['lb', ANY, 'guild', REST]);
    expect(parsePattern('lb:*:guild:*').exact).to.equal(false);
  });

  it('takes a template as an exact pattern', () => {
    const pattern = parsePattern('provider:<id>:stats');
    expect(pattern.exact).to.equal(true);
    expect(pattern.segments).to.deep.equal(parseTemplate('provider:<id>:stats').segments);
  });

  it('takes a rendered key as it is, with its escapes and empty segments', () => {
    const key = renderTemplate(parseTemplate('feed:<a>:<b?>:<c>:<d>'), {
      a: 'x y:%',
      c: '',
      d: 'z'.repeat(200),
    });
    expect(bind(key)).to.include({ text: key, kind: 'key' });
    expect(bind(key).matches(key)).to.equal(true);
  });

  it('gives the same object for the same string', () => {
    expect(parsePattern('feed:*')).to.equal(parsePattern('feed:*'));
  });

  for (const [text, because] of [
    ['', /a pattern.*at least one segment/],
    ['us*r', /whole segment, got 'us\*r'/],
    ['feed:4*', /whole segment, got '4\*'/],
    ['feed:**', /whole segment, got '\*\*'/],
    ['feed:<id>*', /fills its segment/],
    ['feed:<*>', /got '\*'/],
    ['feed:{id}:*', /expected <id>, got \{id\}/],
    ['feed:?', /got "\?"/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} and says why`, () => {
      expect(() => parsePattern(text))
        .to.throw(TemplateSyntaxError, because)
        .with.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
    });
  }
});

describe('bindPattern', () => {
  it('fills in the values and keeps the wildcards', () => {
    const bound = bind('feed:<userId>:*', { userId: 42 });
    expect(bound).to.include({ text: 'feed:42:*', kind: 'pattern' });
    expect(bound.segments).to.deep.equal(['feed', '42', REST]);
    expect(bind('*:<a.b>', { a: { b: 1 } }).segments).to.deep.equal([ANY, '1']);
    expect(bind('feed:<userId>:<cursor?>', { userId: 1 }).text).to.equal('feed:1:%_');
  });

  it('throws for a missing value instead of widening the pattern', () => {
    expect(() => bind('feed:<userId>:*', {})).to.throw(MissingValueError, /<userId> in 'feed:<userId>:\*'/);
  });

  it('keeps a value that looks like a wildcard a value', () => {
    const bound = bind('feed:<userId>:*', { userId: '*' });
    expect(bound.text).to.equal('feed:%2A:*');
    expect(bound.matches('feed:42:a')).to.equal(false);
    expect(bound.matches('feed:%2A:a')).to.equal(true);
  });

  for (const [pattern, key, expected] of [
    ['feed:*', 'feed:1', true],
    ['feed:*', 'feed:1:2:3', true],
    ['feed:*', 'feed:', true],
    ['feed:*', 'feed', false],
    ['feed:*', 'feeds:1', false],
    ['*', 'anything:at:all', true],
    ['*', '', true],
    ['*:stats', 'provider:stats', true],
    ['*:stats', ':stats', true],
    ['*:stats', 'provider:1:stats', false],
    ['*:stats', 'provider:stats:1', false],
    ['lb:*:guild', 'lb:1:guild', true],
    ['lb:*:guild', 'lb:guild', false],
    ['lb:*:guild', 'lb:1:2:guild', false],
    ['lb:*:guild:*', 'lb:1:guild:2:3', true],
    ['lb:*:guild:*', 'lb:1:guild', false],
    ['a:b', 'a:b', true],
    ['a:b', 'a:b:c', false],
    ['a:b', 'a', false],
    ['a:b', 'a:', false],
  ] as const) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(key)}`, () => {
      expect(bind(pattern).matches(key)).to.equal(expected);
    });
  }

  it('matches the key that the same values render, and no key of other values', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), hostileText(), (id, other, rest) => {
        const key = renderTemplate(parseTemplate('feed:<id>:<rest>'), { id: other, rest });
        expect(bind('feed:<id>:*', { id }).matches(key)).to.equal(id === other);
        expect(bind('*:<id>:<rest>', { id, rest }).matches(key)).to.equal(id === other);
        expect(bind('feed:<id>:<rest>', { id, rest }).matches(key)).to.equal(id === other);
      }),
      { numRuns: 2000 },
    );
  });

  it('has as many wildcards and segments as the pattern, whatever the values hold', () => {
    fc.assert(
      fc.property(hostileText(), (id) => {
        const bound = bind('a:*:<id>:*', { id });
        expect(bound.segments).to.deep.equal(['a', ANY, escapeValue(id), REST]);
        expect(bound.text.split(':').map((part) => part === '*')).to.deep.equal([false, true, false, true]);
      }),
      { numRuns: 1000 },
    );
  });

  it('means the same when it is parsed again', () => {
    fc.assert(
      fc.property(hostileText(), (id) => {
        const bound = bind('a:*:<id>:*', { id });
        expect(bind(bound.text).segments).to.deep.equal(bound.segments);
      }),
    );
  });
});

describe('reaches', () => {
  for (const [pattern, template, expected] of [
    ['feed:*', 'feed:<userId>:<cursor?>', true],
    ['feed:<userId>:*', 'feed:<user>:<cursor?>', true],
    ['feed:*', 'feed:<userId>', true],
    ['feed:<userId>:*', 'feed:<userId>', false],
    ['feeds:*', 'feed:<userId>', false],
    ['*', 'leaderboard:top', true],
    ['*:top', 'leaderboard:top', true],
    ['*:top', 'leaderboard:<name>', true],
    ['*:top', 'leaderboard:<name>:day', false],
    ['provider:<id>:stats', 'provider:<providerId>:stats', true],
    ['provider:<id>:stats', 'provider:<id>:profile', false],
    ['provider:<id>', 'provider:<id>:stats', false],
    ['provider:<id>:stats:*', 'provider:<id>:stats', false],
    ['leaderboard:<name>', 'leaderboard:top', true],
    ['leaderboard:%_', 'leaderboard:<name>', false],
    ['leaderboard:%_', 'leaderboard:<name?>', true],
    ['rpc:0xAB', 'rpc:<address|lower>', false],
    ['rpc:0xab%3A', 'rpc:<address|lower>', true],
    ['rpc:%#Ab', 'rpc:<address|lower>', true],
    ['price:btc', 'price:<pair|upper>', false],
    ['price:BTC', 'price:<pair|upper>', true],
    ['search:all', 'search:<query|hash>', false],
    ['search:<query|lower|hash>', 'search:all', false],
    [`search:${'A_'.repeat(21)}-`, 'search:<query|hash>', true],
  ] as const) {
    it(`${pattern} ${expected ? 'can reach' : 'cannot reach'} ${template}`, () => {
      expect(reaches(parsePattern(pattern), parseTemplate(template))).to.equal(expected);
    });
  }

  it('never denies what a bound pattern then matches', () => {
    const segment = fc.constantFrom('a', 'b', '<x>', '<y?>', '<z|lower>', '<u|upper>');
    const template = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':'));
    const pattern = fc
      .array(fc.oneof(segment, fc.constant('*')), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(':'));
    const text = fc.constantFrom('a', 'b', 'A');
    const values = fc.record({ x: text, y: fc.option(text), z: text, u: text });
    let matched = 0;
    fc.assert(
      fc.property(pattern, values, template, values, (patternText, wanted, templateText, given) => {
        const key = renderTemplate(parseTemplate(templateText), given);
        if (!bind(patternText, wanted).matches(key)) return;
        matched++;
        expect(reaches(parsePattern(patternText), parseTemplate(templateText))).to.equal(true);
      }),
      { numRuns: 3000 },
    );
    expect(matched).to.be.greaterThan(100);
  });
});
