/**
 * What the replies to the protocol's commands mean: raw replies and errors in, tagged unions out. Nothing is sent here.
 */
import type { LeaseAttempt, Observation, PutBegin, Verdict } from '../contract/l2';
import { opened } from './compression';
import { decodeValue, entryWitness } from './envelope';
import { errorCode } from './error-code';

const RESULT = { 0: 'refused', 1: 'done' } as const;

export function observe(reply: unknown, sentAt: number): Observation {
  if (reply === null) return { kind: 'absent', sentAt };
  const shape = decodeValue(reply as Buffer);
  switch (shape.kind) {
    case 'entry':
      return { kind: 'entry', sentAt, entry: shape.entry, witness: shape.witness };
    case 'garbled':
      return { kind: 'garbled', sentAt, witness: shape.witness };
    case 'leased':
      return { kind: 'leased', sentAt, generations: shape.generations, witness: shape.witness };
    case 'write-leased':
      return { kind: 'write-leased', sentAt };
  }
}

export function acquired(reply: unknown, sentAt: number): LeaseAttempt | Promise<LeaseAttempt> {
  return reply === null ? { kind: 'acquired', sentAt } : opened(observe(reply, sentAt));
}

export function failedRead(error: Error, sentAt: number): Observation {
  return isWrongType(error) ? { kind: 'foreign-type', sentAt } : { kind: 'unreachable', sentAt, error };
}

export function verdict(reply: unknown, sentAt: number): Verdict {
  return { result: RESULT[reply as 0 | 1], sentAt };
}

/** An error reply to a compare-and-set says that nothing was stored. */
export function failedFill(error: Error, sentAt: number): Verdict {
  return { result: error.name === 'ReplyError' ? 'refused' : 'unknown', sentAt };
}

/** What could not be removed is not known to be gone, whatever the reason; but a foreign type is not ours to remove. */
export function failedWrite(error: Error, sentAt: number): Verdict {
  return { result: isWrongType(error) ? 'foreign-type' : 'unknown', sentAt };
}

export function begun(reply: unknown): PutBegin {
  return reply === null
    ? { kind: 'write-lease' }
    : { kind: 'observed', witness: entryWitness(reply as Buffer) };
}

export function failedBegin(error: Error): PutBegin {
  return isWrongType(error) ? { kind: 'foreign-type' } : unknownBegin();
}

/** Nobody was asked, or nobody has answered. */
export function unknown(): Verdict {
  return { result: 'unknown', sentAt: 0 };
}

export function unknownBegin(): PutBegin {
  return { kind: 'unknown' };
}

function isWrongType(error: Error): boolean {
  return errorCode(error) === 'WRONGTYPE';
}
