/**
 * How a flight ends, and what it was told to do: the words that `flight.ts`, `flights.ts` and `loads.ts` share.
 */
import type { TagSource } from '../../contract/engine';
import type { CompiledPolicy } from '../entry/policy';
import type { ReadTrace } from '../runtime/tracing';
import type { LoadScope } from './load-scope';

/**
 * `provenAt`: `Order` number of the command that proved the value current, 0 if nothing did. `loadedAt`: number at
 * which the load began, 0 if it came from a tier. A caller whose own number is smaller than either may take the value.
 */
export interface FlightValue<V> {
  readonly kind: 'value';
  readonly value: V;
  readonly source: 'l1' | 'l2' | 'awaited' | 'stale' | 'load';
  readonly loadedAt: number;
  readonly provenAt: number;
}

/** For the caller who began the flight. */
export type OwnResult<V> = FlightValue<V> | { readonly kind: 'failed'; readonly error: unknown };

/** For those who joined: a load that has run longer than `load.max` is abandoned, and they go on without it. */
export type FlightResult<V> = OwnResult<V> | { readonly kind: 'abandoned' };

/** What a caller has asked for. */
export interface LoadPlan<V> {
  readonly key: string;
  readonly policy: CompiledPolicy;
  /** @param scope undefined unless `usesScope` */
  readonly load: (scope?: LoadScope) => V | PromiseLike<V>;
  /** Whether the loader looks at its load, or says something about its entry. */
  readonly usesScope: boolean;
  readonly storable: (value: V) => boolean;
  readonly tags: TagSource<V> | undefined;
  /** Told the size and lifetime of the entry, if somebody listens. */
  readonly told?: ReadTrace | undefined;
}

export interface FlightPlan<V> extends LoadPlan<V> {
  /** The call was made from inside a load, so that its wait may be part of a cycle. */
  readonly nested: boolean;
  /** How long to wait for another process that holds the lease, in ms. */
  readonly patienceMs: number;
  /** Told when the call begins or stops to wait for another caller or process. */
  readonly waits?: ((waiting: boolean) => void) | undefined;
}
