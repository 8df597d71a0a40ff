/**
 * Values to payloads and back, with the failures that belong to it: a value that cannot be serialized is returned to
 * its caller and not stored; a payload that cannot be read is a miss. In development the first values of each method
 * are compared with their own round trip: what a process loads and what others read from L2 should be alike.
 */
import { serialize } from 'node:v8';
import { LargeValueError, RoundTripError, UncacheableValueError } from '../../contract/errors';
import type { Emit } from '../../contract/events';
import { type NewEntry, type RemoteEntry, STUB } from '../../contract/l2';
import type { Serializer } from '../../contract/serializer';
import { classInstanceIn } from './class-instance';
import { partsOf, withMeta } from './meta';
import type { CompiledPolicy } from './policy';
import { Revival } from './revival';
import { differenceOf } from './shape-check';
import { uncacheableKind } from './uncacheable';

/** Counted for what cannot be measured, such as an object that holds functions. */
const UNKNOWN_SIZE = 1024;

/** Bytes of a payload from which on it is reported: 80 ms on a line of 100 Mbit/s, for all commands behind it. */
const LARGE = 1_000_000;

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

/** What of a value must not be read as plain data, in words; undefined for a value that may be. */
export type HidesFields = (value: unknown) => string | undefined;

export class Codec {
  readonly #serializer: Serializer;
  readonly #emit: Emit;
  readonly #compares: boolean;
  readonly #hidesFields: HidesFields | undefined;
  readonly #revival: Revival;
  readonly #compared = new Map<string, number>();
  /** Labels of methods with a value that was refused, or an instance that was looked at. */
  readonly #refused = new Set<string>();
  readonly #instances = new Set<string>();
  readonly #large = new Set<string>();

  constructor(serializer: Serializer, emit: Emit, warnRoundTrip: boolean, hidesFields?: HidesFields) {
    this.#serializer = serializer;
    this.#emit = emit;
    this.#compares = warnRoundTrip;
    this.#hidesFields = hidesFields;
    this.#revival = new Revival(emit);
  }

  /** Whether the value must not be stored: it can be read once, or would be served with its hidden fields. */
  refuses(key: string, value: unknown, policy: CompiledPolicy): boolean {
    const { label } = policy;
    const kind = uncacheableKind(value);
    const hidden = kind === undefined && !staysOrMayChange(policy) ? this.#hidesFields?.(value) : undefined;
    if (kind === undefined && hidden === undefined) return false;
    if (!this.#refused.has(label)) {
      this.#refused.add(label);
      const error = new UncacheableValueError({
        subject: label,
        ...(hidden === undefined
          ? {
              expected: 'a value that can be copied',
              got: kind ?? '',
              remedy: 'Return the data in it, or do not cache this method.',
            }
          : {
              expected: 'no hidden fields, as what comes back from L2 is a plain object',
              got: hidden,
              remedy: "Give the method 'revive', or 'plain: true' if all fields may be shown.",
            }),
      });
      this.#emit('error', { operation: 'serialize', key, method: label, error });
    }
    return true;
  }

  /** Undefined where the value cannot be serialized; reported as an event. */
  encode(key: string, value: unknown, policy: CompiledPolicy, meta?: unknown): Payload | undefined {
    const { label } = policy;
    try {
      const bytes = this.#serializer.encode(value);
      if (bytes === undefined) throw new TypeError(`the serializer made nothing of a ${typeof value}`);
      if (bytes.length >= LARGE) this.#reportLarge(key, Buffer.byteLength(bytes), label);
      if (this.#compares) this.#compare(value, bytes, policy);
      this.#reportInstance(key, value, policy);
      const payload = { serializer: this.#serializer.tag, payload: bytes };
      return meta === undefined ? payload : withMeta(payload, meta);
    } catch (error) {
      this.#emit('error', { operation: 'serialize', key, method: label, error });
      return undefined;
    }
  }

  /** The development-time comparison alone: for values that a cache without L2 does not serialize. */
  check(value: unknown, policy: CompiledPolicy): void {
    if (!this.#compares) return;
    try {
      this.#compare(value, this.#serializer.encode(value), policy);
    } catch {
      // It would not be stored where there is an L2; here it is, and nobody is harmed.
    }
  }

  /** The value that these bytes are to the method; undefined where they cannot be read as one. `null` is a value. */
  decode(
    key: string,
    entry: RemoteEntry,
    policy: CompiledPolicy,
  ): { readonly value: unknown; readonly meta?: unknown } | undefined {
    let plain: unknown;
    let meta: unknown;
    try {
      const { serializer, payload, ...parts } = partsOf(entry);
      if (serializer !== this.#serializer.tag) return undefined;
      meta = parts.meta;
      plain = this.#serializer.decode(payload);
    } catch (error) {
      this.#emit('error', { operation: 'deserialize', key, error });
      return undefined;
    }
    const decoded = policy.reshapes ? this.#revival.revived(key, policy, plain) : { value: plain };
    return decoded === undefined || meta === undefined ? decoded : { ...decoded, meta };
  }

  /** Once per method: it takes the line from everything else. */
  #reportLarge(key: string, bytes: number, label: string): void {
    if (this.#large.has(label)) return;
    this.#large.add(label);
    const error = new LargeValueError({
      subject: label,
      expected: 'values below 1 MB',
      got: `${(bytes / 1e6).toFixed(1)} MB under '${key}'`,
      remedy:
        'It is stored, and delays what is sent behind it. Cache parts of it, compress it, or keep it in L1 alone.',
    });
    this.#emit('error', { operation: 'serialize', key, method: label, error });
  }

  /** In production, too: an instance that readers of L2 get as a plain object. Looks at one instance per method. */
  #reportInstance(key: string, value: unknown, policy: CompiledPolicy): void {
    const { label } = policy;
    if (staysOrMayChange(policy) || this.#instances.has(label)) return;
    const instance = classInstanceIn(value);
    if (instance === undefined) return;
    this.#instances.add(label);
    const returned = this.#returned(this.#serializer.encode(instance));
    const ownClass = instance.constructor;
    if ((returned as object | null | undefined)?.constructor === ownClass) return;
    const error = new RoundTripError({
      subject: label,
      expected: `an instance of ${ownClass.name} to come back from L2`,
      got: 'an object without its methods',
      remedy: "Give the method 'revive', or 'plain: true' if nobody needs them.",
    });
    this.#emit('error', { operation: 'serialize', key, method: label, error });
  }

  #returned(bytes: string | Buffer): unknown {
    return this.#serializer.decode(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  #compare(value: unknown, bytes: string | Buffer, policy: CompiledPolicy): void {
    const { label } = policy;
    const compared = this.#compared.get(label) ?? 0;
    // What `revive` makes is the business of those who read it.
    if (compared >= COMPARED || staysOrMayChange(policy)) return;
    this.#compared.set(label, compared + 1);
    const returned = this.#returned(bytes);
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

/** Whether an instance becomes one again, or its method says that it need not. */
function staysOrMayChange({ revive, plain }: CompiledPolicy): boolean {
  return revive !== undefined || plain;
}
