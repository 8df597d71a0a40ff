/**
 * How a value becomes bytes in L2 and a value again. The envelope around the bytes (version, expiry, tokens) is the tiers' own.
 */
export interface Serializer {
  /**
   * Stored with every entry: bytes under another tag are a miss, so that a change of serializer never misreads old entries.
   * 1 to 32 characters of `A-Z a-z 0-9 _ . -`; `json` and `structured` are taken.
   */
  readonly tag: string;
  /** Never called with `undefined`. May throw: the value is then returned to the caller and not stored. */
  encode(value: unknown): string | Buffer;
  /** May throw: the entry is then a miss. */
  decode(bytes: Buffer): unknown;
}
