/**
 * Which of a Redis Cluster's 16,384 slots a name belongs to: CRC16 (XMODEM) of the bytes of its hash tag or, without one,
 * of the whole name. Names of this toolkit hold no braces (names, P1), but the `keyPrefix` of a given client may.
 */

export const SLOTS = 16_384;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** What is between the first `{` and the next `}`; undefined if there is nothing. */
export function hashTagOf(name: string): string | undefined {
  const from = name.indexOf('{');
  if (from === -1) return undefined;
  const to = name.indexOf('}', from);
  return to <= from + 1 ? undefined : name.slice(from + 1, to);
}

export function slotOf(name: string): number {
  return slotOfWhole(hashTagOf(name) ?? name);
}

/** Only what is within ASCII, as nearly every name is, can be read without making bytes of it. */
function slotOfWhole(name: string): number {
  let crc = 0;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code > 127) return slotOfBytes(Buffer.from(name));
    crc = step(crc, code);
  }
  return crc % SLOTS;
}

function slotOfBytes(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = step(crc, byte);
  return crc % SLOTS;
}

function step(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ byte]!;
}
