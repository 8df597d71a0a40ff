/** One load as its loader sees it: what the loader says about its entry is kept here until the load has ended. */
import { LoadContextError } from '../../contract/errors';
import type { LoadContext, StaleEntry } from '../../contract/load-context';
import { canonicalKey } from '../../keys/escape';
import { tagTexts } from '../../keys/tag';
import type { Snapshot } from '../validity/snapshots';

/** The entry that a load refreshes. */
export interface Stale extends StaleEntry<any> {
  /** With the generations that the entry carries: what it is kept under. */
  readonly snapshot: Snapshot;
}

export class LoadScope implements LoadContext<any, never> {
  skipped = false;
  tags: readonly string[] = [];
  ownMeta: unknown;
  #isKept = false;
  readonly #signal: () => AbortSignal;

  constructor(
    signal: () => AbortSignal,
    readonly stale: Stale | undefined,
  ) {
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }

  /** The entry that the result of the load stands for. */
  keptBy(result: unknown): Stale | undefined {
    return this.#isKept && result === this.stale?.value ? this.stale : undefined;
  }

  readonly keep = (): never => {
    if (this.stale === undefined) throw nothingToKeep();
    this.#isKept = true;
    return this.stale.value as never;
  };

  readonly skip = (): void => {
    this.skipped = true;
  };

  readonly tag = (...names: string[]): void => {
    this.tags = tagTexts([...this.tags, ...names], canonicalKey);
  };

  readonly meta = (data: unknown): void => {
    this.ownMeta = data;
  };
}

/** Of a loader that runs past the cache: it can say what it wants. */
export const UNCACHED_LOAD: LoadContext<any, never> = {
  signal: new AbortController().signal,
  stale: undefined,
  keep() {
    throw nothingToKeep();
  },
  skip() {},
  tag() {},
  meta() {},
};

function nothingToKeep(): LoadContextError {
  return new LoadContextError({
    subject: 'keep()',
    expected: 'a stale entry',
    got: 'none',
    remedy: "Ask whether there is a 'stale' first.",
  });
}
