/** The grammar of templates, and what becomes of the values. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  MissingValueError,
  TemplateSyntaxError,
  UnhashableValueError,
  UnrenderableValueError,
} from '../../src/contract/errors';
import { parseTemplate, renderTemplate } from '../../src/keys/template';
import { hostileText, textOfSegment } from './hostile-text';

const render = (text: string, values: Record<string, unknown>) => renderTemplate(parseTemplate(text), values);

describe('parseTemplate', () => {
  it('reads literals and placeholders in order', () => {
    const { segments, placeholders } = parseTemplate('feed:<user.id>:<cursor?|lower|hash>');
    expect(segments[0]).to.equal('feed');
    expect(segments.slice(1)).to.deep.equal(placeholders);
    expect(placeholders).to.deep.equal([
      { text: '<user.id>', source: 'name', name: 'user', path: ['id'], optional: false, filters: [] },
      {
        text: '<cursor?|lower|hash>',
        source: 'name',
        name: 'cursor',
        path: [],
        optional: true,
        filters: ['lower', 'hash'],
      },
    ]);
  });

  it('tells positions, the instance and the result from names', () => {
    const { placeholders } = parseTemplate(
      '<0>:<10.id>:<this.tenant>:<result>:<result.id>:<results>:<$a_1>:<łódź>',
    );
    expect(placeholders.map(({ source, name }) => `${source} ${name}`)).to.deep.equal([
      'position 0',
      'position 10',
      'this this',
      'result result',
      'result result',
      'name results',
      'name $a_1',
      'name łódź',
    ]);
  });

  it('gives the same object for the same string', () => {
    expect(parseTemplate('provider:<id>')).to.equal(parseTemplate('provider:<id>'));
  });

  for (const [text, because] of [
    ['', /at least one segment/],
    ['provider:{id}', /expected <id>, got \{id\}/],
    ['provider:x{id}y', /expected <id>, got \{id\}/],
    ['a::b', /empty segment/],
    ['a:', /empty segment/],
    [':a', /empty segment/],
    ['a:*', /use a placeholder/],
    ['us*r', /use a placeholder/],
    ['a:<>', /an empty placeholder/],
    ['a:<?>', /got no name/],
    ['a:<|lower>', /got no name/],
    ['a:<.id>', /got no name/],
    ['a:<id', /in pairs/],
    ['a:id>', /in pairs/],
    ['a:<id>>', /in pairs/],
    ['a:<<id>', /in pairs/],
    ['a:>id<', /in pairs/],
    ['a:<b:c>', /in pairs/],
    ['a:user-<id>', /fills its segment/],
    ['a:<id><b>', /fills its segment/],
    ['a:<b-c>', /got 'b-c'/],
    ['a:<01>', /got '01'/],
    ['a:<-1>', /got '-1'/],
    ['a:< id>', /got ' id'/],
    ['a:<user..id>', /between the dots/],
    ['a:<user?.id>', /got 'user\?'/],
    ['a:<user.i d>', /joined by dots/],
    ['a:<id|trim>', /lower, upper or hash, got 'trim'/],
    ['a:<id|>', /lower, upper or hash, got ''/],
    ['a:<id|hash|lower>', /hash as the last filter/],
    ['a:<this>', /<this\.tenant>/],
    ['a b', /got " " in 'a b'/],
    ['a:b\n', /got "\\n"/],
    ['a[0]', /got "\[", "\]"/],
    ['a?', /got "\?"/],
    ['a:}', /got "}"/],
    ['a\\b', /got "\\\\"/],
    ['a:\ud800', /got "\\ud800"/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} and says why`, () => {
      expect(() => parseTemplate(text))
        .to.throw(TemplateSyntaxError, because)
        .with.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
    });
  }
});

describe('renderTemplate', () => {
  it('renders scalars as strings, so that 1 and "1" are one key', () => {
    const at = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
    for (const [value, text] of [
      ['abc', 'abc'],
      ['', ''],
      [1, '1'],
      ['1', '1'],
      [-0, '0'],
      [1.5, '1.5'],
      [1e21, '1e+21'],
      [12345678901234567890n, '12345678901234567890'],
      [true, 'true'],
      [false, 'false'],
      [at, '2026-01-02T03%3A04%3A05.006Z'],
    ] as const) {
      expect(render('k:<v>:end', { v: value })).to.equal(`k:${text}:end`);
    }
  });

  it('follows paths, through scalars and arrays too', () => {
    expect(render('<user.address.city>', { user: { address: { city: 'Oslo' } } })).to.equal('Oslo');
    expect(render('<ids.0>:<ids.length>', { ids: ['a', 'b'] })).to.equal('a:2');
    expect(
      render('<0.id>:<this.tenant>:<result.id>', { 0: { id: 1 }, this: { tenant: 'eu' }, result: { id: 2 } }),
    ).to.equal('1:eu:2');
  });

  it('throws for a missing value, naming the placeholder, the template and the way out', () => {
    for (const values of [{}, { id: undefined }, { id: null }]) {
      expect(() => render('provider:<id>', values))
        .to.throw(MissingValueError, /<id> in 'provider:<id>'.*<id\?>/)
        .with.property('code', 'TIERCEL_MISSING_VALUE');
    }
    expect(() => render('<user.id|lower>', { user: null })).to.throw(
      MissingValueError,
      /write <user\.id\?\|lower>/,
    );
    expect(() => render('<id|hash>', { id: null })).to.throw(MissingValueError);
  });

  it('gives a missing optional value a segment of its own, which no value has', () => {
    expect(render('feed:<cursor?>', {})).to.equal('feed:%_');
    expect(render('feed:<cursor?>', { cursor: null })).to.equal('feed:%_');
    expect(render('feed:<cursor?|lower>', {})).to.equal('feed:%_');
    expect(render('feed:<cursor?|hash>', {})).to.equal('feed:%_');
    expect(render('feed:<user.id?>', { user: undefined })).to.equal('feed:%_');
    expect(render('feed:<cursor?>', { cursor: '' })).to.equal('feed:');
    expect(render('feed:<cursor?>', { cursor: '%_' })).to.equal('feed:%25_');
    expect(render('feed:<cursor?>', { cursor: 'undefined' })).to.equal('feed:undefined');
  });

  for (const [name, value, got] of [
    ['an object', {}, /got an object.*<v\.id>.*vars.*<v\|hash>/],
    ['an array', [1], /got an array/],
    ['a function', () => 1, /got a function/],
    ['a symbol', Symbol('s'), /got a symbol/],
    ['NaN', Number.NaN, /got NaN/],
    ['an infinity', Number.POSITIVE_INFINITY, /got Infinity/],
    ['an invalid date', new Date(Number.NaN), /got an invalid Date/],
  ] as const) {
    it(`refuses ${name}, which no string would identify`, () => {
      for (const template of ['<v>', '<v?>', '<v|lower>']) {
        expect(() => render(template, { v: value }))
          .to.throw(UnrenderableValueError, got)
          .with.property('code', 'TIERCEL_UNRENDERABLE_VALUE');
      }
    });
  }

  it('applies filters from left to right, before escaping', () => {
    expect(render('<a|lower>:<a|upper>', { a: '0xAbC d' })).to.equal('0xabc%20d:0XABC%20D');
    expect(render('<a|upper|lower>', { a: 'İ' })).to.equal('İ'.toUpperCase().toLowerCase());
    expect(render('<a|lower|hash>', { a: 'ABC' })).to.equal(render('<a|hash>', { a: 'abc' }));
    expect(render('<a|hash>', { a: 'ABC' })).not.to.equal(render('<a|hash>', { a: 'abc' }));
  });

  it('names the placeholder when a value cannot be hashed', () => {
    expect(() => render('q:<query|hash>', { query: () => 1 }))
      .to.throw(UnhashableValueError, /<query\|hash> in 'q:<query\|hash>'/)
      .with.property('code', 'TIERCEL_UNHASHABLE_VALUE');
  });

  it('is injective: two arrays of values give one key only if they are equal', () => {
    const value = fc.oneof(hostileText(), fc.constant(undefined));
    const values = fc.record({ a: value, b: value });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const equal = one.a === other.a && one.b === other.b;
        expect(render('k:<a?>:<b?>', one) === render('k:<a?>:<b?>', other)).to.equal(equal);
      }),
      { numRuns: 2000 },
    );
    expect(render('<a>:<b>', { a: 'a:b', b: 'c' })).not.to.equal(render('<a>:<b>', { a: 'a', b: 'b:c' }));
  });

  it('keeps the number of segments and every value, whatever the values hold', () => {
    fc.assert(
      fc.property(hostileText({ maxLength: 14 }), hostileText({ maxLength: 14 }), (a, b) => {
        const segments = render('<a>:mid:<b>', { a, b }).split(':');
        expect(segments.map(textOfSegment)).to.deep.equal([a, 'mid', b]);
      }),
      { numRuns: 2000 },
    );
  });
});
