/**
 * The value of a JavaScript literal, read from its source without evaluating anything. Other expressions have no value
 * here, even if a person sees one.
 */

const NUMBER = /^[+-]?(?:0[xX][\dA-Fa-f]+|0[oO][0-7]+|0[bB][01]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const BIGINT = /^-?\d+n$/;
/** A string in any quotes; a template without substitutions. */
const STRING = /^(['"`])((?:(?!\1)[^\\]|\\[^ux\d\r\n])*)\1$/su;

const WORDS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  undefined: undefined,
  // What compilers and minifiers write for the above.
  'void 0': undefined,
  '!0': true,
  '!1': false,
};

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** `undefined` if `source` is not a literal, or one with unusual escapes. An empty object or array counts as a literal. */
export function literalValue(source: string): { readonly value: unknown } | undefined {
  const plain = source.replace(/(?<=\d)_(?=\d)/g, '');
  if (NUMBER.test(plain)) return { value: numberOf(plain) };
  if (BIGINT.test(plain)) return { value: BigInt(plain.slice(0, -1)) };
  if (Object.hasOwn(WORDS, source)) return { value: WORDS[source] };
  if (/^\{\s*\}$/.test(source)) return { value: {} };
  if (/^\[\s*\]$/.test(source)) return { value: [] };
  const [, quote, text] = STRING.exec(source) ?? [];
  if (text === undefined || (quote === '`' && text.includes('${'))) return undefined;
  return { value: text.replace(/\\(.)/gsu, (_, escaped: string) => ESCAPES[escaped] ?? escaped) };
}

function numberOf(text: string): number {
  const unsigned = Number(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -unsigned : unsigned;
}
