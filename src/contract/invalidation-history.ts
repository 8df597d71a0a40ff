/**
 * The record of what was invalidated, when and why: what the engine reports, and what `cache.invalidations` gives.
 * Types only.
 */

/** `write-through`: a value was put in the old one's place; `pattern`: at least one wildcard or tag; else `write-invalidate`. */
export type InvalidationStrategy = 'write-invalidate' | 'write-through' | 'pattern';

/** One call or event that has invalidated something, whatever the number of its names. */
export interface InvalidationRecord {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** The invalidator: `Class.method`, the decorator's `name`, an event's name, or the method of the cache that was called. */
  readonly label: string;
  readonly strategy: InvalidationStrategy;
  /** The event of the configuration, or `null`. */
  readonly event: string | null;
  /** As the caller gave it, or `null`. */
  readonly reason: string | null;
  /** Keys and patterns with their values, the first 100: they may hold ids. `sent` counts all. */
  readonly patterns: readonly string[];
  /**
   * The same as they were declared, without values, each once: `provider:<id>:stats`. For a key that no declared
   * template gives it is `<undeclared>`, since the key may hold ids.
   */
  readonly templates: readonly string[];
  /** The first 100. They may hold ids. */
  readonly tags: readonly string[];
  /** Names sent to Redis: keys, and one for each tag and declared pattern. */
  readonly sent: number;
  /** Entries concerned; `null` if a tag or a declared pattern is among them: it takes all of its entries unseen. */
  readonly entries: number | null;
  /** False: Redis has not confirmed within the budget; it is queued. */
  readonly acknowledged: boolean;
}

/** How often the entries of one cached template were invalidated. */
export interface TemplateInvalidations {
  /** The methods and strategies that read it. */
  readonly readBy: readonly string[];
  readonly total: number;
  readonly perMinute: number;
  /** By invalidator, an event or a method; the most frequent first. `pattern` is what it invalidates, as declared. */
  readonly by: readonly { readonly invalidator: string; readonly pattern: string; readonly total: number }[];
}

export interface InvalidationStatistics {
  /** Records within the window; those that are still kept, if it is not complete. */
  readonly total: number;
  /** Over `seconds`, so that it is right in a young process, and if records were dropped. */
  readonly perMinute: number;
  /** How much time the figures cover: the window, or less if the process is younger or older records were dropped. */
  readonly seconds: number;
  readonly byStrategy: Readonly<Record<InvalidationStrategy, number>>;
  /** By template; a record with several counts for each. */
  readonly byPattern: Readonly<Record<string, number>>;
  /** By cached template: what the invalidations of this process have reached. A template that none reached is left out. */
  readonly byTemplate: Readonly<Record<string, TemplateInvalidations>>;
  /** False: older records of the window were dropped to make room, and `seconds` is shorter than the window. */
  readonly complete: boolean;
}

/** The last invalidations of this process, oldest first. */
export interface InvalidationHistory {
  history(): readonly InvalidationRecord[];
  /** @param windowMs how far to look back, in ms. Default: one minute. */
  stats(windowMs?: number): InvalidationStatistics;
}

export interface PreviewedTemplate {
  readonly template: string;
  /** The methods and strategies that read it. */
  readonly readBy: readonly string[];
  /** In L1 of this process; `null` if a tag is to be invalidated, whose entries are not known. */
  readonly entries: number | null;
  /** At most so many loads within a minute, by the calls of the last one. */
  readonly expectedLoads: number;
}

/** What an invalidation would reach, as far as this process knows. */
export interface InvalidationPreview {
  readonly templates: readonly PreviewedTemplate[];
  readonly entries: number | null;
  readonly expectedLoads: number;
  /**
   * Names that no cached template can give and no entry in L1 has, with the nearest one that can. Always empty if this
   * process uses keys by hand, or has not called a cached method yet.
   */
  readonly unreached: readonly { readonly name: string; readonly nearest: string | null }[];
}

/** What was invalidated, as the engine saw it. */
export interface InvalidationFact {
  readonly label: string;
  readonly event: string | undefined;
  readonly reason: string | undefined;
  /** Keys that a put has replaced, or tried to. */
  readonly replaced: readonly string[];
  readonly removed: readonly {
    readonly text: string;
    readonly kind: 'key' | 'pattern' | 'tag';
    /** As written, before values were bound; undefined for a key that came as a string. */
    readonly template?: string | undefined;
  }[];
  readonly sent: number;
  readonly entries: number | null;
  readonly acknowledged: boolean;
}

export type RecordInvalidation = (fact: InvalidationFact) => void;
