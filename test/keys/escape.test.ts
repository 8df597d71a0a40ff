/** What one segment may hold: escaping, missing and over-long values, and raw keys. */
import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalKey, escapeValue, MISSING_OPTIONAL } from '../../src/keys/escape';
import { hostileText, textOfSegment } from './hostile-text';

describe('escapeValue', () => {
  it('returns an ordinary id as it is', () => {
    for (const id of [
      '',
      '42',
      'user-1',
      'a.b_c~d@e',
      '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
      'zażółć',
      '東京',
      '🦅',
    ]) {
      expect(escapeValue(id)).to.equal(id);
    }
  });

  for (const [name, character, escaped] of [
    ['percent sign', '%', '%25'],
    ['separator', ':', '%3A'],
    ['opening angle bracket', '<', '%3C'],
    ['closing angle bracket', '>', '%3E'],
    ['asterisk', '*', '%2A'],
    ['question mark', '?', '%3F'],
    ['opening bracket', '[', '%5B'],
    ['closing bracket', ']', '%5D'],
    ['opening brace', '{', '%7B'],
    ['closing brace', '}', '%7D'],
    ['backslash', '\\', '%5C'],
    ['space', ' ', '%20'],
    ['line feed', '\n', '%0A'],
    ['NUL', '\0', '%00'],
    ['DEL', '\x7f', '%7F'],
    ['C1 control', '\x85', '%C2%85'],
    ['no-break space', '\u00a0', '%C2%A0'],
    ['line separator', '\u2028', '%E2%80%A8'],
    ['byte order mark', '\ufeff', '%EF%BB%BF'],
    ['lone high surrogate', '\ud800', '%ED%A0%80'],
    ['lone low surrogate', '\udfff', '%ED%BF%BF'],
  ] as const) {
    it(`escapes the ${name} in short and in long values`, () => {
      expect(escapeValue(character)).to.equal(escaped);
      expect(escapeValue(`a${character}b`)).to.equal(`a${escaped}b`);
      expect(escapeValue(`${'x'.repeat(40)}${character}`)).to.equal(`${'x'.repeat(40)}${escaped}`);
    });
  }

  it('replaces a value by its SHA-256 only when its escaped form is longer than 128 characters', () => {
    expect(escapeValue('x'.repeat(128))).to.equal('x'.repeat(128));
    expect(escapeValue('x'.repeat(129))).to.equal('%#DsnrM-dFELzdHy6lUgboLyFknFwr7L8rQz60dbNMAb0');
    expect(escapeValue(' '.repeat(42))).to.equal('%20'.repeat(42));
    expect(escapeValue(' '.repeat(43))).to.match(/^%#[\w-]{43}$/);
  });

  it('keeps long values apart that UTF-8 would make one', () => {
    const long = 'x'.repeat(200);
    const digests = [`${long}\ud800`, `${long}\ud801`, `${long}\ufffd`, `${long}%ED%A0%80`].map(escapeValue);
    expect(new Set(digests).size).to.equal(4);
  });

  it('gives different values different segments, each of them one segment without wildcards', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), (one, other) => {
        expect(escapeValue(one)).to.match(/^(?:[^%:<>*?[\]{}\\\s]|%[0-9A-F]{2})*$|^%#[\w-]{43}$/);
        expect(escapeValue(one) === escapeValue(other)).to.equal(one === other);
      }),
      { numRuns: 2000 },
    );
  });

  it('can be undone, so no part of a value is lost', () => {
    fc.assert(
      fc.property(hostileText({ maxLength: 14 }), (value) => {
        expect(textOfSegment(escapeValue(value))).to.equal(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a segment that survives the way to Redis and back as UTF-8', () => {
    fc.assert(
      fc.property(hostileText(), (value) => {
        const segment = escapeValue(value);
        expect(Buffer.from(segment, 'utf8').toString('utf8')).to.equal(segment);
      }),
      { numRuns: 1000 },
    );
  });

  it('never gives the token of a missing value', () => {
    fc.assert(fc.property(hostileText(), (value) => escapeValue(value) !== MISSING_OPTIONAL));
    expect(escapeValue(MISSING_OPTIONAL)).to.equal('%25_');
  });
});

describe('canonicalKey', () => {
  it('leaves separators and percent signs alone, and escapes every other reserved character', () => {
    expect(canonicalKey('user:42:profile')).to.equal('user:42:profile');
    expect(canonicalKey('discount:50%')).to.equal('discount:50%');
    expect(canonicalKey('user:a b:*')).to.equal('user:a%20b:%2A');
    expect(canonicalKey('<markers')).to.equal('%3Cmarkers');
    expect(canonicalKey('ключ:🦅:\ud800')).to.equal('ключ:🦅:%ED%A0%80');
  });

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(hostileText(), (raw) => {
        expect(canonicalKey(canonicalKey(raw))).to.equal(canonicalKey(raw));
      }),
    );
  });

  it('leaves a rendered key unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hostileText(), fc.constant('x'.repeat(200)))), (values) => {
        const key = ['feed', ...values.map(escapeValue), MISSING_OPTIONAL].join(':');
        expect(canonicalKey(key)).to.equal(key);
      }),
    );
  });
});
