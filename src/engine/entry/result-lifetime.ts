/**
 * Lifetimes by result: the policy of one call whose `ttl` is a function of the value. A function that fails, or returns no
 * valid `Ttl`, must not fail the call: the value is then not stored, and the event `error` reports it.
 */
import type { Ttl } from '../../config/options';
import { TtlError, UnknownPresetError } from '../../contract/errors';
import type { Emit } from '../../contract/events';
import type { CompiledPolicy, Lifetime } from './policy';

const NOT_STORED: Lifetime = { l1Ms: 0, l2Ms: 0 };

export function withLifetimes(
  policy: CompiledPolicy,
  ttlOf: (value: unknown) => unknown,
  emit: Emit,
): CompiledPolicy {
  // Each tier asks, and is to be told the same; a value read from L2 is another one.
  let last: { readonly value: unknown; readonly lifetime: Lifetime } | undefined;
  return {
    ...policy,
    byResult(value) {
      if (value === null && policy.nullLifetime !== policy.lifetime) return policy.nullLifetime;
      if (last === undefined || last.value !== value) {
        last = { value, lifetime: lifetimeBy(policy, ttlOf, value, emit) };
      }
      return last.lifetime;
    },
  };
}

function lifetimeBy(
  { label, lifetimeFor }: CompiledPolicy,
  ttlOf: (value: unknown) => unknown,
  value: unknown,
  emit: Emit,
): Lifetime {
  try {
    const ttl = ttlOf(value);
    if (ttl === undefined || typeof ttl === 'function') throw new TypeError(`the ttl is ${typeof ttl}`);
    return lifetimeFor(ttl as Ttl);
  } catch (cause) {
    emit('error', { operation: 'ttl', method: label, error: asTtlError(cause, label) });
    return NOT_STORED;
  }
}

function asTtlError(cause: unknown, label: string): unknown {
  if (cause instanceof TtlError || cause instanceof UnknownPresetError) return cause;
  return new TtlError({
    subject: `ttl of ${label}`,
    expected: 'a function that returns a valid ttl',
    got: cause instanceof Error ? cause.message : String(cause),
    remedy: 'The value was returned and not stored.',
    cause,
  });
}
