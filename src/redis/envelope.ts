/**
 * The bytes of a Redis key: a lease `L<token><generations of groups>`, a write lease `W<flag><tokens>`, or an entry (P2).
 * An entry is an ASCII header and the payload, so that `redis-cli GET` shows a person what is there:
 *
 *   V1 <id:16> <expiry:13 digits, ms> <cost:6 digits, ms> <bytes of version:2 hex> <bytes of serializer:2 hex>
 *   <generations:2 hex> <bytes of tags:4 hex> <version> <serializer> <generations:16 each> <tags, parted by a space each> LF payload
 *
 * (without the spaces). Fixed widths keep parsing to a few character reads on the L2 hit path. This file does not
 * judge: the engine decides whether an entry is fresh or wanted.
 */
import type { CasWitness, Lease, NewEntry, RemoteEntry } from '../contract/l2';
import { areTokens, isToken, readTokens, TOKEN_LENGTH } from '../contract/tokens';

const FORMAT = 'V1';
const ID = FORMAT.length;
const EXPIRY = ID + TOKEN_LENGTH;
const COST = EXPIRY + 13;
const VERSION_LENGTH = COST + 6;
const SERIALIZER_LENGTH = VERSION_LENGTH + 2;
const TOKEN_COUNT = SERIALIZER_LENGTH + 2;
const TAGS_LENGTH = TOKEN_COUNT + 2;
const VERSION = TAGS_LENGTH + 4;

const MAX_EXPIRY = 9_999_999_999_999;
const MAX_COST = 999_999;
const LINE_FEED = 10;
const CHAR_TAINTED = 33;
const CHAR_CLEAN = 46;
const CHAR_1 = 49;
const CHAR_L = 76;
const CHAR_V = 86;
const CHAR_W = 87;

/** Longest `version` in bytes: its length has two hex digits. */
export const MAX_VERSION_BYTES = 255;

const NO_TAGS: readonly string[] = [];
const TAG_SEPARATOR = ' ';

export const leaseOf = ({ token, generations }: Lease): string => `L${token}${generations.join('')}`;
/** A write lease with one writer whom nobody has disturbed: the only state from which a put may store. */
export const writeLeaseOf = (token: string): string => `W.${token}`;

/** Told by its length from a generation key's token, which may begin with the same letter. */
export function isWriteLease(value: string): boolean {
  return value.length % TOKEN_LENGTH === 2 && value.charCodeAt(0) === CHAR_W;
}

/** Header and payload as one value for `SET`. Only a binary payload costs a copy. */
export function encodeEntry(id: string, expiresAt: number, entry: NewEntry): string | Buffer {
  const tags = entry.tags.length === 0 ? '' : entry.tags.join(TAG_SEPARATOR);
  const header =
    FORMAT +
    id +
    digits(Math.min(Math.ceil(expiresAt), MAX_EXPIRY), 13) +
    digits(Math.min(Math.round(entry.costMs), MAX_COST), 6) +
    hex(Buffer.byteLength(entry.version)) +
    hex(entry.serializer.length) +
    hex(entry.generations.length) +
    (tags === '' ? '0000' : Buffer.byteLength(tags).toString(16).padStart(4, '0')) +
    entry.version +
    entry.serializer +
    entry.generations.join('') +
    tags +
    '\n';
  return typeof entry.payload === 'string'
    ? header + entry.payload
    : Buffer.concat([Buffer.from(header), entry.payload]);
}

export type Shape =
  | { readonly kind: 'entry'; readonly entry: RemoteEntry; readonly witness: CasWitness }
  | { readonly kind: 'leased'; readonly generations: readonly string[]; readonly witness: CasWitness }
  | { readonly kind: 'write-leased' }
  | { readonly kind: 'garbled'; readonly witness: CasWitness };

const WRITE_LEASED: Shape = { kind: 'write-leased' };

/** What a value of `K` is. Never throws: whatever is not ours is `garbled`. */
export function decodeValue(bytes: Buffer): Shape {
  const first = bytes[0];
  if (first === CHAR_V && bytes[1] === CHAR_1) {
    const entry = decodeEntry(bytes);
    if (entry !== undefined) return { kind: 'entry', entry, witness: witnessOf(entry.id) };
  } else if (first === CHAR_L && areTokens(bytes, 1, bytes.length)) {
    const generations = readTokens(bytes, 1 + TOKEN_LENGTH, bytes.length);
    return { kind: 'leased', generations, witness: { prefix: bytes, length: bytes.length } };
  } else if (first === CHAR_W && isWriteLeaseFlag(bytes[1]) && areTokens(bytes, 2, bytes.length)) {
    return WRITE_LEASED;
  }
  return { kind: 'garbled', witness: { prefix: bytes.subarray(0, 64), length: bytes.length } };
}

export function witnessOf(id: string): CasWitness {
  return { prefix: FORMAT + id, length: undefined };
}

/** The witness of an entry whose first bytes a script has returned. */
export function entryWitness(head: Buffer): CasWitness {
  return { prefix: head.toString('latin1', 0, EXPIRY), length: undefined };
}

function isWriteLeaseFlag(byte: number | undefined): boolean {
  return byte === CHAR_CLEAN || byte === CHAR_TAINTED;
}

function decodeEntry(bytes: Buffer): RemoteEntry | undefined {
  // A damaged id would make a witness that never compares equal, and the entry could not be replaced.
  if (!isToken(bytes, ID, EXPIRY)) return undefined;
  const versionLength = readHex(bytes, VERSION_LENGTH);
  const serializerLength = readHex(bytes, SERIALIZER_LENGTH);
  const generations = readHex(bytes, TOKEN_COUNT);
  const tagsLength = readHex(bytes, TAGS_LENGTH) * 256 + readHex(bytes, TAGS_LENGTH + 2);
  const expiresAt = readDigits(bytes, EXPIRY, COST);
  const costMs = readDigits(bytes, COST, VERSION_LENGTH);
  // Any of them NaN (a bad digit or a value cut short) makes `end` or the checks below fail.
  const serializer = VERSION + versionLength;
  const tokensAt = serializer + serializerLength;
  const tagsAt = tokensAt + generations * TOKEN_LENGTH;
  const end = tagsAt + tagsLength;
  if (bytes[end] !== LINE_FEED || !(expiresAt >= 0) || !(costMs >= 0)) return undefined;
  return {
    id: bytes.toString('latin1', ID, EXPIRY),
    expiresAt,
    costMs,
    version: versionLength === 0 ? '' : bytes.toString('utf8', VERSION, serializer),
    generations: readTokens(bytes, tokensAt, tagsAt),
    tags: tagsLength === 0 ? NO_TAGS : bytes.toString('utf8', tagsAt, end).split(TAG_SEPARATOR),
    serializer: bytes.toString('latin1', serializer, serializer + serializerLength),
    payload: bytes.subarray(end + 1),
  };
}

function digits(value: number, width: number): string {
  return String(Math.max(0, value)).padStart(width, '0');
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function readDigits(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = bytes[i]! - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readHex(bytes: Buffer, at: number): number {
  return hexDigit(bytes[at]) * 16 + hexDigit(bytes[at + 1]);
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return Number.NaN;
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  return Number.NaN;
}
