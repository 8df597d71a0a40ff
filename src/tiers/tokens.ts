/**
 * Unique 16-character tokens for leases, entries and writers: 12 random characters (72 bits) for each block of
 * 16.7 million, then a counter. A token is never used twice, so a compare-and-set on one cannot be fooled by a value
 * that went away and came back (ABA). It is an identity, not a secret.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BLOCK = 64 ** 4;

export const TOKEN_LENGTH = 16;

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

/** True where `bytes` from `start` on are a token and nothing else. */
export function isToken(bytes: Buffer, start: number): boolean {
  if (bytes.length !== start + TOKEN_LENGTH) return false;
  for (let i = start; i < bytes.length; i += 1) {
    if (!ALPHABET.includes(String.fromCharCode(bytes[i]!))) return false;
  }
  return true;
}
