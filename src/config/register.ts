/**
 * The interface that a program augments with its own configuration, and the names read out of it.
 * Types only. An index may re-export `Register` by name; under another name, augmentation of the module would not merge.
 */

import type { ValuesOf } from '../keys/placeholders';

/**
 * Left empty, preset and event names are plain strings. Augmented, the compiler checks them:
 *
 * ```ts
 * declare module 'tiercel' { interface Register { config: typeof cacheConfig } }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: its purpose is to be augmented.
export interface Register {}

/** The registered configuration; `unknown` while nothing is registered. */
type Registered = Register extends { config: infer Config } ? Config : unknown;

/** The names of one section of the registered configuration; `string` while nothing is registered. */
type NamesIn<Section extends string> = unknown extends Registered
  ? string
  : Registered extends { readonly [S in Section]?: infer Named }
    ? Extract<keyof NonNullable<Named>, string>
    : never;

/** A name under `ttl` of the registered configuration. */
export type PresetName = NamesIn<'ttl'>;

/** A name under `events` of the registered configuration. */
export type EventName = NamesIn<'events'>;

type PatternsOf<Event extends string> = Registered extends {
  readonly events: { readonly [E in Event]: readonly (infer Pattern extends string)[] };
}
  ? Pattern
  : string;

/** Each pattern's values in a box, so that a union of them can be intersected. */
type Boxed<Pattern extends string> = Pattern extends string ? (box: ValuesOf<Pattern>) => void : never;

/**
 * What an event must carry: a value for every placeholder of its patterns; anything else may come with it.
 * Any object for an event that is not in the registered configuration.
 */
export type EventData<Event extends string> =
  Boxed<PatternsOf<Event>> extends (box: infer Values) => void
    ? Values & Readonly<Record<string, unknown>>
    : Readonly<Record<string, unknown>>;
