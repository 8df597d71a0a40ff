/**
 * The `ttl` option of a decorator as a function of the arguments and the result.
 */
import type { StoringOptions } from '../config/options';
import type { EnginePort, Policy } from '../contract/engine';

/**
 * The policy itself, unless its `ttl` is a function.
 * @param resultOf the method's result, given the value that is stored. Default: the value
 */
export function byResult(
  engine: EnginePort,
  policy: Policy,
  ttl: StoringOptions['ttl'],
  self: unknown,
  args: readonly unknown[],
  resultOf: (value: unknown) => unknown = (value) => value,
): Policy {
  if (typeof ttl !== 'function') return policy;
  return engine.withTtl(policy, (value) => ttl.call(self, args, resultOf(value)));
}
