/** Texts made to break a key, and the inverse of escaping by which tests prove that nothing was lost. */
import fc from 'fast-check';

/** Strings dense in separators, wildcards, percent signs, half escapes, unicode and lone surrogates. */
export function hostileText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom(
      ...'%:<>*?[]{}\\ \t\n\0_#~.-aA0',
      '%3A',
      '%_',
      '%#',
      '%25',
      '\u0085',
      '\u2028',
      '\ufeff',
      '🦅',
    ),
    fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ufffd', 'é', 'e\u0301'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  return fc.oneof(
    fc.string({ unit, ...constraints }),
    fc.string({ unit: fc.constantFrom(...'ab:%*'), maxLength: 3 }),
  );
}

/** The value that an escaped segment stands for. It knows surrogates that stand alone, which `decodeURIComponent` refuses. */
export function textOfSegment(segment: string): string {
  const escapes = /%ED%([AB][0-9A-F])%([89AB][0-9A-F])|(?:%[0-9A-F]{2})+?(?=%ED%[AB]|[^%]|$)/g;
  return segment.replace(escapes, (all: string, second?: string, third?: string) =>
    second === undefined || third === undefined
      ? decodeURIComponent(all)
      : String.fromCharCode(
          0xd000 | ((Number.parseInt(second, 16) & 0x3f) << 6) | (Number.parseInt(third, 16) & 0x3f),
        ),
  );
}
