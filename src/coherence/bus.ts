/**
 * The Redis channel on which the writers of a namespace tell each other what they changed, and the form of its
 * messages: both sides of the pub/sub transport, and nothing of how or when they are sent.
 */

/** `<ns>:<bus`: out of reach of any key, as every name of the toolkit's own (P1). */
export function busOf(namespace: string): string {
  return `${namespace}:<bus`;
}

/** JSON, because a name may hold any character, lone surrogates included. */
export function encodeNames(names: readonly string[]): string {
  return JSON.stringify(names);
}

/** Undefined for a message that no `encodeNames` of this version made. */
export function decodeNames(message: Buffer): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(message.toString());
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}
