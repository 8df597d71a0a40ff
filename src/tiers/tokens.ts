/**
 * Unique 16-character tokens for leases, entries and writers: 12 random characters (72 bits) for each block of
 * 16.7 million, then a counter. A token is never used twice, so a compare-and-set on one cannot be fooled by a value
 * that went away and came back (ABA). It is an identity, not a secret.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BLOCK = 64 ** 4;
const IS_TOKEN = /^[\w-]{16}$/;

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

/** The tokens that `bytes` from `start` on consist of, at least one; undefined where they are anything else. */
export function tokensIn(bytes: Buffer, start: number): readonly string[] | undefined {
  const length = bytes.length - start;
  if (length === 0 || length % TOKEN_LENGTH !== 0) return undefined;
  const tokens: string[] = [];
  for (let at = start; at < bytes.length; at += TOKEN_LENGTH) {
    tokens.push(bytes.toString('latin1', at, at + TOKEN_LENGTH));
  }
  return tokens.every((token) => IS_TOKEN.test(token)) ? tokens : undefined;
}
