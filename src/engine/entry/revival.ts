/**
 * From the plain data that L2 holds to the value that a method returns: the method's schema, then its `revive`. What does
 * not fit, or cannot be revived, is a miss, and reported once per method.
 */
import { SchemaError } from '../../contract/errors';
import type { Emit } from '../../contract/events';
import type { SchemaResult } from '../../contract/standard-schema';
import type { CompiledPolicy } from './policy';

/** Issues that are named in a report. */
const MAX_ISSUES = 3;

export class Revival {
  readonly #emit: Emit;
  readonly #misfits = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Undefined for a miss. `null` stands for itself. */
  revived(key: string, policy: CompiledPolicy, plain: unknown): { readonly value: unknown } | undefined {
    if (plain === null) return { value: null };
    try {
      return { value: reshaped(policy, plain) };
    } catch (error) {
      const { label } = policy;
      if (!this.#misfits.has(label)) {
        this.#misfits.add(label);
        this.#emit('error', { operation: 'revive', key, method: label, error });
      }
      return undefined;
    }
  }
}

/** @throws SchemaError, and what `revive` throws */
export function reshaped({ label, schema, revive }: CompiledPolicy, plain: unknown): unknown {
  const fitting = schema === undefined ? plain : outputOf(label, schema['~standard'].validate(plain));
  return revive === undefined ? fitting : revive(fitting);
}

function outputOf(label: string, result: SchemaResult | Promise<SchemaResult>): unknown {
  const subject = `schema of ${label}`;
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new SchemaError({ subject, expected: 'a schema that validates synchronously', got: 'a promise' });
  }
  if (result.issues === undefined) return result.value;
  // Where, but not what: messages of a schema may quote the value.
  const places = result.issues.slice(0, MAX_ISSUES).map(({ path = [] }) => `'${path.map(nameOf).join('.')}'`);
  throw new SchemaError({
    subject,
    expected: 'values in L2 that fit it',
    got: `an entry with ${result.issues.length} issues, at ${places.join(', ')}`,
    remedy: "It was loaded again. If the type has changed, give the method another 'version'.",
  });
}

function nameOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}
