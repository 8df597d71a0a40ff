/** What a `Cache` is made of. Types only: `createCache` makes the parts, the cache hands calls on to them. */
import type { ReadingOptions } from '../config/options';
import type { DeclaredProgram } from '../contract/declared';
import type { Policy } from '../contract/engine';
import type { CacheEventName, CacheEvents } from '../contract/events';
import type { Explanation } from '../contract/explanation';
import type { Observer } from '../contract/observer';
import type { Engine } from '../engine/engine';
import type { Readiness } from './call-options';
import type { Warming } from './warming';

/** What a strategy declares, for the check and the map. */
export interface DeclaredStrategy {
  readonly label: string;
  readonly template: string;
  readonly storing: ReadingOptions;
  /** Undefined: no tags. Empty where a function computes them. */
  readonly tags: readonly string[] | undefined;
  readonly shared: boolean;
}

/** What `createCache` gives to the cache besides its engine. */
export interface CacheParts<Registry> {
  readonly engine: Engine;
  readonly compile: (options: ReadingOptions, label: string) => Policy;
  readonly on: <N extends CacheEventName>(name: N, listener: (event: CacheEvents[N]) => void) => () => void;
  readonly readiness: (withinMs: number) => Promise<Readiness>;
  readonly observer: Observer;
  readonly declared: DeclaredProgram;
  /** @param key canonical */
  readonly explain: (key: string) => Promise<Explanation>;
  /** A strategy was made: for `declared`. */
  readonly declare: (strategy: DeclaredStrategy) => void;
  readonly warming: Warming;
  readonly addMetrics: (registry?: Registry) => Registry;
  readonly release: () => void;
}
