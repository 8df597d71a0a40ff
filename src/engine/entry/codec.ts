/**
 * Values to payloads and back, with the failures that belong to it: a value that cannot be serialized is returned to
 * its caller and not stored; a payload that cannot be read is a miss. In development the first values of each method
 * are compared with their own round trip: what a process loads and what others read from L2 should be alike.
 */
import { serialize } from 'node:v8';
import { UncacheableValueError } from '../../contract/errors';
import type { Emit } from '../../contract/events';
import { type NewEntry, type RemoteEntry, STUB } from '../../contract/l2';
import type { Serializer } from '../../contract/serializer';
import { differenceOf } from './shape-check';
import { uncacheableKind } from './uncacheable';

/** Counted for what cannot be measured, such as an object that holds functions. */
const UNKNOWN_SIZE = 1024;

/** How many values per method are compared. */
const COMPARED = 3;

/** The bytes of an entry, and the serializer that reads them. */
export type Payload = Pick<NewEntry, 'serializer' | 'payload'>;

export const STUB_PAYLOAD: Payload = { serializer: STUB, payload: '' };

/** The bytes that a value takes in an L1 bounded by bytes: those of its payload, or an estimate if it has none. */
export function sizeOf({ serializer, payload }: Payload, value: unknown): number {
  if (serializer !== STUB) return Buffer.byteLength(payload);
  try {
    return serialize(value).length;
  } catch {
    return UNKNOWN_SIZE;
  }
}

export class Codec {
  readonly #serializer: Serializer;
  readonly #emit: Emit;
  readonly #compares: boolean;
  readonly #compared = new Map<string, number>();
  readonly #refused = new Set<string>();

  constructor(serializer: Serializer, emit: Emit, warnRoundTrip: boolean) {
    this.#serializer = serializer;
    this.#emit = emit;
    this.#compares = warnRoundTrip;
  }

  /** Whether the value can be read once, and so must not be stored; reported once per method. */
  refuses(key: string, value: unknown, label: string): boolean {
    const kind = uncacheableKind(value);
    if (kind === undefined) return false;
    if (!this.#refused.has(label)) {
      this.#refused.add(label);
      const error = new UncacheableValueError({
        subject: label,
        expected: 'a value that can be copied',
        got: kind,
        remedy: 'Return the data in it, or do not cache this method.',
      });
      this.#emit('error', { operation: 'serialize', key, method: label, error });
    }
    return true;
  }

  /** Undefined where the value cannot be serialized; reported as an event. */
  encode(key: string, value: unknown, label: string): Payload | undefined {
    try {
      const bytes = this.#serializer.encode(value);
      if (bytes === undefined) throw new TypeError(`the serializer made nothing of a ${typeof value}`);
      if (this.#compares) this.#compare(value, bytes, label);
      return { serializer: this.#serializer.tag, payload: bytes };
    } catch (error) {
      this.#emit('error', { operation: 'serialize', key, method: label, error });
      return undefined;
    }
  }

  /** The development-time comparison alone: for values that a cache without L2 does not serialize. */
  check(value: unknown, label: string): void {
    if (!this.#compares) return;
    try {
      this.#compare(value, this.#serializer.encode(value), label);
    } catch {
      // It would not be stored where there is an L2; here it is, and nobody is harmed.
    }
  }

  /** Undefined where these bytes are not to be read with this serializer. `null` is a value. */
  decode(key: string, entry: RemoteEntry): { readonly value: unknown } | undefined {
    if (entry.serializer !== this.#serializer.tag) return undefined;
    try {
      return { value: this.#serializer.decode(entry.payload) };
    } catch (error) {
      this.#emit('error', { operation: 'deserialize', key, error });
      return undefined;
    }
  }

  #compare(value: unknown, bytes: string | Buffer, label: string): void {
    const compared = this.#compared.get(label) ?? 0;
    if (compared >= COMPARED) return;
    this.#compared.set(label, compared + 1);
    const returned = this.#serializer.decode(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    const difference = differenceOf(value, returned);
    if (difference === undefined) return;
    this.#compared.set(label, COMPARED);
    process.emitWarning(
      `${label}: a value changes on its way through the '${this.#serializer.tag}' serializer (${difference}). ` +
        "Callers that read it from L2 get the changed one. Return plain data, or use serializer: 'structured'.",
      { code: 'TIERCEL_ROUND_TRIP' },
    );
  }
}
