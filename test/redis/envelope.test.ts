import { expect } from 'chai';
import fc from 'fast-check';
import { newToken } from '../../src/contract/tokens';
import { decodeValue, encodeEntry, leaseOf, MAX_VERSION_BYTES, writeLeaseOf } from '../../src/redis/envelope';

const version = fc
  .string({ unit: 'binary', maxLength: MAX_VERSION_BYTES })
  .filter((text) => Buffer.byteLength(text) <= MAX_VERSION_BYTES);
const tag = fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/);
const payload = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const generations = fc.nat({ max: 5 }).map((count) => Array.from({ length: count }, newToken));
const tags = fc.array(fc.stringMatching(/^[^\s]+$/u), { maxLength: 5 });
const entry = fc.record({
  ttlMs: fc.constant(1),
  costMs: fc.nat({ max: 999_999 }),
  version,
  generations,
  tags,
  staleMs: fc.constant(0),
  serializer: tag,
  payload,
});
const expiry = fc.nat({ max: 9_999_999_999_999 });

const bytesOf = (encoded: string | Buffer) => Buffer.from(encoded as string);

describe('the bytes of a key', () => {
  it('P2: an entry comes back as it was: id, expiry, cost, version in any script, tags, serializer, payload', () => {
    fc.assert(
      fc.property(entry, expiry, (given, expiresAt) => {
        const id = newToken();
        const shape = decodeValue(bytesOf(encodeEntry(id, expiresAt, given)));
        expect(shape).to.deep.equal({
          kind: 'entry',
          witness: { prefix: `V1${id}`, length: undefined },
          entry: {
            id,
            expiresAt,
            costMs: given.costMs,
            version: given.version,
            generations: given.generations,
            tags: given.tags,
            serializer: given.serializer,
            payload: bytesOf(given.payload),
          },
        });
      }),
    );
  });

  it('P2: a version of exactly 255 bytes fits, in one-byte and in three-byte characters', () => {
    for (const longest of ['v'.repeat(255), '€'.repeat(85)]) {
      const shape = decodeValue(
        bytesOf(
          encodeEntry(newToken(), 1, {
            ttlMs: 1,
            costMs: 0,
            version: longest,
            generations: [],
            tags: [],
            staleMs: 0,
            serializer: 'json',
            payload: '1',
          }),
        ),
      );
      expect(shape.kind === 'entry' && shape.entry.version).to.equal(longest);
    }
  });

  it('rounds the expiry up and the cost to the nearest, and keeps both within their widths', () => {
    const times = (expiresAt: number, costMs: number) => {
      const shape = decodeValue(
        bytesOf(
          encodeEntry(newToken(), expiresAt, {
            ttlMs: 1,
            costMs,
            version: '',
            generations: [],
            tags: [],
            staleMs: 0,
            serializer: 'json',
            payload: '',
          }),
        ),
      );
      return shape.kind === 'entry' && [shape.entry.expiresAt, shape.entry.costMs];
    };
    expect(times(1.2, 1.5)).to.deep.equal([2, 2]);
    expect(times(1e15, 1e9)).to.deep.equal([9_999_999_999_999, 999_999]);
    expect(times(-5, -1)).to.deep.equal([0, 0]);
  });

  it('P2: an entry cut short is garbled, or an entry whose payload is shorter; never an error', () => {
    fc.assert(
      fc.property(entry, (given) => {
        const whole = bytesOf(encodeEntry(newToken(), 1e12, given));
        const header = whole.length - bytesOf(given.payload).length;
        for (let length = 0; length < whole.length; length += 1) {
          const { kind } = decodeValue(whole.subarray(0, length));
          expect(kind, `${length} of ${whole.length} bytes`).to.equal(length < header ? 'garbled' : 'entry');
        }
      }),
      { numRuns: 50 },
    );
  });

  it('P2: one damaged byte makes it garbled or an entry whose witness still finds those very bytes; never a lease, never an error', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.nat({ max: 255 }), (given, where, damage) => {
        const bytes = bytesOf(encodeEntry(newToken(), 1e12, given));
        bytes[where % bytes.length] = damage;
        const shape = decodeValue(bytes);
        expect(shape.kind).to.be.oneOf(['entry', 'garbled']);
        if (shape.kind === 'leased' || shape.kind === 'write-leased') return;
        const prefix = bytesOf(shape.witness.prefix as string);
        expect(
          bytes.subarray(0, prefix.length).equals(prefix),
          'the witness is a prefix of the value',
        ).to.equal(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('P2: an id that is no token is garbled: its witness would not survive the way to Redis', () => {
    const bytes = bytesOf(
      encodeEntry(newToken(), 1e12, {
        ttlMs: 1,
        costMs: 0,
        version: '',
        generations: [],
        tags: [],
        staleMs: 0,
        serializer: 'json',
        payload: '1',
      }),
    );
    for (const byte of [0xe9, 0x00, 0x20, 0x0a]) {
      bytes[5] = byte;
      expect(decodeValue(bytes).kind).to.equal('garbled');
    }
  });

  it('takes its own leases and write leases for what they are, also those with many writers or tainted', () => {
    const [one, two] = [newToken(), newToken()];
    for (const generations of [[], [two], [two, one]]) {
      const bytes = Buffer.from(leaseOf({ token: one, generations }));
      const witness = { prefix: bytes, length: bytes.length };
      expect(decodeValue(bytes)).to.deep.equal({ kind: 'leased', generations: generations, witness });
    }
    for (const text of [writeLeaseOf(one), `W.${one}${two}`, `W!${one}`]) {
      expect(decodeValue(Buffer.from(text)), text).to.deep.equal({ kind: 'write-leased' });
    }
  });

  for (const foreign of [
    '',
    'L',
    'W',
    'V',
    'V1',
    'V2',
    'W.',
    'L1',
    '42',
    '-1',
    '{"id":42}',
    'null',
    '"W"',
    'Wednesday morning!',
    'W.Wednesday morning',
    'W?abcdefghijklmnop',
    'W.abcdefghijklmno!',
    `W.${'a'.repeat(17)}`,
    'Lorem ipsum dolor',
    `L${'a'.repeat(15)}`,
    `L${'a'.repeat(17)}`,
    `V1${'a'.repeat(200)}`,
    `V1${'a'.repeat(16)}${'0'.repeat(25)}\n`.slice(0, -2),
    '\u0000\u0000',
  ]) {
    it(`P2: the foreign string ${JSON.stringify(foreign)} is garbled, marked by its beginning and its length`, () => {
      const bytes = Buffer.from(foreign);
      expect(decodeValue(bytes)).to.deep.equal({
        kind: 'garbled',
        witness: { prefix: bytes.subarray(0, 64), length: bytes.length },
      });
    });
  }

  it('P2: whatever the bytes are, reading them does not throw', () => {
    const anything = fc.tuple(fc.constantFrom('', 'V1', 'L', 'W', 'W.'), fc.uint8Array({ maxLength: 400 }));
    fc.assert(
      fc.property(anything, ([start, rest]) => {
        decodeValue(Buffer.concat([Buffer.from(start), Buffer.from(rest)]));
      }),
      { numRuns: 2_000 },
    );
  });
});
