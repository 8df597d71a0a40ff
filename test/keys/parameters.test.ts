// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are sources under test.
/** Parameter lists as engines and compilers print them: the names must come out, and nothing else. */
import { expect } from 'chai';
import { parameterDefaults, parameterNames } from '../../src/keys/parameters';

type Method = (...args: never) => unknown;

/** Evaluated from text, so that no compiler touches comments, spacing or form. */
function evaluate(source: string): Method {
  return new Function(`let _a; return (${source});`)() as Method;
}

/** The one method of a class, whatever its name. */
function methodOf(source: string): Method {
  const prototype = evaluate(`class { ${source} }`).prototype as Record<PropertyKey, Method>;
  return prototype[Reflect.ownKeys(prototype).find((key) => key !== 'constructor')!]!;
}

describe('parameterNames', () => {
  for (const [form, source, names] of [
    ['method', 'm(a, b) {}', ['a', 'b']],
    ['method without parameters', 'm() { return (1, 2); }', []],
    ['async method', 'async m(id, cursor) {}', ['id', 'cursor']],
    ['generator method', '*m(id) {}', ['id']],
    ['async generator method', 'async *m(id) {}', ['id']],
    ['method named async', 'async(id) {}', ['id']],
    ['method named class', 'class(id) {}', ['id']],
    ['method named by a string', "'a(b'(id) {}", ['id']],
    ['method named by a number', '12(id) {}', ['id']],
    ['computed name, as TypeScript emits it', "async [_a = 'computed' + (1)](id) {}", ['id']],
    ['computed name with brackets inside', "[`x${['(', `)${1}`][0]}`](id) {}", ['id']],
    ['trailing comma', 'm(a, b,) {}', ['a', 'b']],
    ['names beyond ASCII', 'm($a, _b, łódź, 変数) {}', ['$a', '_b', 'łódź', '変数']],
    [
      'names that begin like keywords',
      'm(newId, of, async, get, result) {}',
      ['newId', 'of', 'async', 'get', 'result'],
    ],
    ['line breaks', 'm(\n  a,\r\n  b\n) {}', ['a', 'b']],
    ['comments', 'm(/* x, y) */ a /* ) */, // z, (\n b /* , */) {}', ['a', 'b']],
    ['comment before the list', 'm /* (x) */ (a) {}', ['a']],
    ['strings as defaults', `m(a = ')', b = "(,'", c = 'it\\'s, )', d) {}`, ['a', 'b', 'c', 'd']],
    ['templates as defaults', 'm(a = `),${`${")"}`},${{ x: "}" }.x}`, b) {}', ['a', 'b']],
    ['template with dollars and escapes', 'm(a = `$,$$)\\`\\${`, b) {}', ['a', 'b']],
    ['regular expressions as defaults', 'm(a = /[/)\\]]\\)/gu, b = /,\\//, c) {}', ['a', 'b', 'c']],
    [
      'divisions as defaults',
      'm(a = 4 / 2, b = (4) / 2, c = [4][0] / a / b, d = "x" / 1) {}',
      ['a', 'b', 'c', 'd'],
    ],
    ['division after a bracket', 'm(a = [4][0] / 2, b = 1 / 1) {}', ['a', 'b']],
    ['division after a brace', 'm(a = {} / 2, b = 1 / 1) {}', ['a', 'b']],
    ['regular expression in a later substitution', 'm(a = `${1}${/\\(/}`, b) {}', ['a', 'b']],
    ['regular expression after a keyword', 'm(a = typeof /\\(/, b) {}', ['a', 'b']],
    ['calls as defaults', 'm(a = Math.max(1, 2), b = [1, 2], c = { x: [1], y: (2, 3) }) {}', ['a', 'b', 'c']],
    [
      'functions as defaults',
      'm(a = (x, y) => x, b = function (p) { return /[)]/; }, c = z => ({ z })) {}',
      ['a', 'b', 'c'],
    ],
    ['class as a default', 'm(a = class { n(p, q) {} }, b) {}', ['a', 'b']],
    ['comparisons and shifts as defaults', 'm(a = 1 < 2, b = 3 >> 1, c = 1 >= 2) {}', ['a', 'b', 'c']],
    [
      'numbers as defaults',
      'm(a = 1e+5, b = 0xFF, c = .5, d = 1_000n, e = 1.) {}',
      ['a', 'b', 'c', 'd', 'e'],
    ],
    ['destructured parameters', 'm({ a, b = ")" }, [c, , d] = [1, 2], e) {}', [null, null, 'e']],
    ['destructuring with defaults inside', 'm({ a: { b = [1, 2] } = {} } = {}, c) {}', [null, 'c']],
    ['rest parameter', 'm(a, ...ids) {}', ['a', '...ids']],
    ['rest parameter with space', 'm(... /* all */ ids) {}', ['...ids']],
    ['destructured rest parameter', 'm(a, ...[b, c]) {}', ['a', null]],
    ['names as TypeScript leaves them when it lowers async', 'm(id_1) { return __awaiter(this); }', ['id_1']],
  ] as const) {
    it(`reads a ${form}`, () => {
      expect(parameterNames(methodOf(source))).to.deep.equal(names);
    });
  }

  for (const [form, source, names] of [
    ['function', 'function f(a, b) {}', ['a', 'b']],
    ['anonymous function', 'function(a) {}', ['a']],
    ['async generator function', 'async function* f(a) {}', ['a']],
    ['arrow', '(a, b) => a', ['a', 'b']],
    ['arrow without parentheses', 'a => (b, c)', ['a']],
    ['async arrow', 'async (a) => a', ['a']],
    ['async arrow without parentheses', 'async a => a', ['a']],
    ['arrow of an arrow', 'a => b => c', ['a']],
    ['arrow without parameters', '() => (1, 2)', []],
    ['class, which has no list of its own', 'class A { constructor(a) {} }', []],
    ['anonymous class', 'class { m(a) {} }', []],
    ['derived class', 'class extends (class {}) {}', []],
    ['name with a unicode escape', '(\\u0061b, \\u{63}) => 1', ['\\u0061b', '\\u{63}']],
  ] as const) {
    it(`reads a ${form}`, () => {
      expect(parameterNames(evaluate(source))).to.deep.equal(names);
    });
  }

  it('finds no names in native and bound functions', () => {
    expect(parameterNames(Math.max)).to.deep.equal([]);
    expect(parameterNames(((a: string) => a).bind(null))).to.deep.equal([]);
  });

  it('reads static and private methods', () => {
    class Service {
      static load(id: string): string {
        return id;
      }
      #secret(key: string): string {
        return key;
      }
      get secret(): Method {
        return this.#secret;
      }
    }
    expect(parameterNames(Service.load)).to.deep.equal(['id']);
    expect(parameterNames(new Service().secret)).to.deep.equal(['key']);
  });
});

describe('parameterDefaults', () => {
  const defaultOf = (expression: string) => parameterDefaults(methodOf(`m(a, b = ${expression}, c) {}`))[1];

  it('has an entry per parameter, undefined for one without a default', () => {
    expect(parameterDefaults(methodOf('m(a, b = 1, { c } = {}, ...d) {}'))).to.deep.equal([
      undefined,
      { value: 1 },
      { value: {} },
      undefined,
    ]);
  });

  for (const [expression, value] of [
    ['1', 1],
    ['-1', -1],
    ['+.5', 0.5],
    ['1_000', 1000],
    ['0xFF', 255],
    ['1e3', 1000],
    ['12n', 12n],
    ['-12n', -12n],
    ['true', true],
    ['!1', false],
    ['null', null],
    ['undefined', undefined],
    ['void 0', undefined],
    ["'a, b)'", 'a, b)'],
    ['"it\'s"', "it's"],
    ["'it\\'s\\n'", "it's\n"],
    ['`plain $`', 'plain $'],
    ['/* one */ 1 /* of them */', 1],
    ['{ }', {}],
    ['[]', []],
  ] as const) {
    it(`reads ${expression} as a literal`, () => {
      expect(defaultOf(expression)).to.deep.equal({ value });
    });
  }

  for (const expression of [
    'FIRST',
    '1 + 1',
    'Math.max(1, 2)',
    '`${1}`',
    "'\\u0041'",
    '{ page: 1 }',
    '[1]',
    'a',
    '(1)',
    'NaN',
  ]) {
    it(`does not evaluate ${expression}`, () => {
      expect(defaultOf(expression)).to.deep.equal({ expression });
    });
  }
});
