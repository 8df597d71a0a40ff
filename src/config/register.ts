/**
 * The interface that a program augments with its own configuration, and the names read out of it.
 * Types only. An index may re-export `Register` by name; under another name, augmentation of the module would not merge.
 */

/**
 * Left empty, preset and event names are plain strings. Augmented, the compiler checks them:
 *
 * ```ts
 * declare module 'tiercel' { interface Register { config: typeof cacheConfig } }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: its purpose is to be augmented.
export interface Register {}

/** The names of one section of the registered configuration; `string` while nothing is registered. */
type NamesIn<Section extends string> = Register extends { config: infer Config }
  ? Config extends { readonly [S in Section]?: infer Named }
    ? Extract<keyof NonNullable<Named>, string>
    : never
  : string;

/** A name under `ttl` of the registered configuration. */
export type PresetName = NamesIn<'ttl'>;

/** A name under `events` of the registered configuration. */
export type EventName = NamesIn<'events'>;
