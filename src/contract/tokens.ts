/**
 * Unique 16-character tokens for leases, entries and writers: 12 random characters (72 bits) for each block of
 * 16.7 million, then a counter. A token is never used twice, so a compare-and-set on one cannot be fooled by a value
 * that went away and came back (ABA). It is an identity, not a secret.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BLOCK = 64 ** 4;

export const TOKEN_LENGTH = 16;

/** By byte: 1 for the characters of tokens. */
const IN_ALPHABET = Uint8Array.from({ length: 256 }, (_, byte) =>
  ALPHABET.includes(String.fromCharCode(byte)) ? 1 : 0,
);

let prefix = '';
let count = BLOCK;

export function newToken(): string {
  if (count === BLOCK) {
    prefix = randomBytes(9).toString('base64url');
    count = 0;
  }
  const n = count;
  count += 1;
  return (
    prefix + ALPHABET[n >>> 18] + ALPHABET[(n >>> 12) & 63] + ALPHABET[(n >>> 6) & 63] + ALPHABET[n & 63]
  );
}

/** True where the bytes from `start` to before `end` are a token. */
export function isToken(bytes: Buffer, start: number, end: number): boolean {
  return end - start === TOKEN_LENGTH && areTokens(bytes, start, end);
}

/** True where the bytes from `start` to before `end` are one token or more, and nothing else. */
export function areTokens(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length <= 0 || length % TOKEN_LENGTH !== 0 || end > bytes.length) return false;
  for (let i = start; i < end; i += 1) {
    if (IN_ALPHABET[bytes[i]!] === 0) return false;
  }
  return true;
}

/** The tokens that the bytes from `start` to before `end` consist of. */
export function readTokens(bytes: Buffer, start: number, end: number): readonly string[] {
  const tokens: string[] = [];
  for (let at = start; at < end; at += TOKEN_LENGTH) {
    tokens.push(bytes.toString('latin1', at, at + TOKEN_LENGTH));
  }
  return tokens;
}
