/** Which data the `hash` filter takes for equal, which it keeps apart, and what it refuses. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { UnhashableValueError } from '../../src/contract/errors';
import { canonicalHash } from '../../src/keys/canonical-hash';

const hash = (value: unknown) => canonicalHash(value, '<q|hash>');

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON(): unknown {
    return { cents: this.#cents };
  }
}

class Sealed {
  readonly #state = 1;
  read(): number {
    return this.#state;
  }
}

describe('canonicalHash', () => {
  it('is the SHA-256 of compact JSON with sorted keys, if the value has a JSON form', () => {
    const json = '{"a":[1,"x",null,true],"b":{"c":0}}';
    expect(hash({ b: { c: -0 }, a: [1, 'x', null, true] })).to.equal(
      createHash('sha256').update(json).digest('base64url'),
    );
  });

  for (const [name, one, other] of [
    ['objects with their properties in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'maps filled in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['sets filled in another order', new Set([{ a: 1 }, 2]), new Set([2, { a: 1 }])],
    ['0 and -0', 0, -0],
    ['an instance with fields and its plain form', new Point(1, 2), { y: 2, x: 1 }],
    ['an object without a prototype and a plain one', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['dates of one instant', new Date(5), new Date(5)],
    ['instances with equal toJSON()', new Money(5), new Money(5)],
    ['a hole in an array and undefined', new Array(1), [undefined]],
    ['an absent property and one that is undefined', { a: 1 }, { a: 1, b: undefined }],
    ['a Date and its JSON string', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['an object whose toJSON() gives a string, and the string', [new URL('http://a/')], ['http://a/']],
    ['the same bytes', Buffer.from('abc'), new Uint8Array([97, 98, 99])],
  ] as const) {
    it(`gives one digest for ${name}`, () => {
      expect(hash(one)).to.equal(hash(other));
    });
  }

  const different: readonly (readonly [string, unknown])[] = [
    ['1', 1],
    ["'1'", '1'],
    ['1n', 1n],
    ["'1n'", '1n'],
    ['true', true],
    ["'true'", 'true'],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ["'NaN'", 'NaN'],
    ['[]', []],
    ['[null]', [null]],
    ['[undefined]', [undefined]],
    ['[[]]', [[]]],
    ['{}', {}],
    ['{ a: null }', { a: null }],
    ["{ a: 'null' }", { a: 'null' }],
    ['empty Map', new Map()],
    ['Map', new Map([['a', 1]])],
    ['Map with an object key', new Map([[{}, 1]])],
    ['object like the Map', { a: 1 }],
    ['empty Set', new Set()],
    ['Set', new Set([1])],
    ['array like the Set', [1]],
    ['Date', new Date(0)],
    ['number of the Date', 0],
    ['unequal toJSON()', { toJSON: () => ['1970-01-01T00:00:00.000Z'] }],
    ['Money', new Money(1)],
    ['object like Money', { cents: 1 }],
    ['bytes', new Uint8Array([1, 0])],
    ['wider elements of the same bytes', new Uint16Array([1])],
    ['buffer of the same bytes', new Uint8Array([1, 0]).buffer],
    ['lone surrogate', '\ud800'],
    ['another lone surrogate', '\ud801'],
    ['replacement character', '\ufffd'],
    ['nested commas', ['a,b']],
    ['two texts', ['a', 'b']],
  ];

  it('keeps apart what differs, kinds that JSON confuses included', () => {
    const seen = new Map<string, string>();
    for (const [name, value] of different) {
      const digest = hash(value);
      expect(digest, `${name} and ${seen.get(digest)}`).to.satisfy((text: string) => !seen.has(text));
      seen.set(digest, name);
    }
  });

  it('gives equal digests exactly for equal data', () => {
    const data = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: false, maxDepth: 2 });
    const noInvalidDate = data.filter((value) => !fc.stringify(value).includes('new Date(NaN)'));
    fc.assert(
      fc.property(noInvalidDate, noInvalidDate, (one, other) => {
        expect(hash(one)).to.equal(hash(structuredClone(one)));
        const same = canonicalForm(one) === canonicalForm(other);
        expect(hash(one) === hash(other)).to.equal(same);
      }),
    );
  });

  const cycle: Record<string, unknown> = { list: [] };
  (cycle['list'] as unknown[]).push(new Map([['self', cycle]]));
  for (const [name, value, got] of [
    ['a cycle', cycle, /contains itself/],
    ['a function', { f: () => 1 }, /a function/],
    ['a symbol', [Symbol('s')], /a symbol/],
    ['an invalid date', { at: new Date(Number.NaN) }, /invalid Date/],
    ['private state without toJSON()', new Sealed(), /an instance of Sealed without fields/],
    ['a promise that nobody awaited', Promise.resolve(1), /an instance of Promise/],
    ['a regular expression', /a/, /an instance of RegExp/],
    ['symbols as property names', { [Symbol('s')]: 1 }, /symbols as property names/],
  ] as const) {
    it(`refuses ${name} rather than hash what it cannot see`, () => {
      expect(() => hash(value))
        .to.throw(UnhashableValueError, got)
        .with.property('subject', '<q|hash>');
    });
  }

  it('takes an object that occurs twice without a cycle', () => {
    const shared = { a: 1 };
    expect(hash([shared, shared])).to.equal(hash([{ a: 1 }, { a: 1 }]));
  });
});

/** An independent notion of equality: structure with sorted keys, printed by fast-check. */
function canonicalForm(value: unknown): string {
  const sorted = (part: unknown): unknown => {
    if (Object.is(part, -0)) return 0;
    if (Array.isArray(part)) return Array.from(part, sorted);
    if (part instanceof Date) return part.toJSON();
    if (typeof part !== 'object' || part === null) return part;
    return Object.entries(part)
      .filter(([, held]) => held !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => ({ key, held: sorted(held) }))
      .concat({ key: 'object', held: undefined });
  };
  return fc.stringify(sorted(value));
}
