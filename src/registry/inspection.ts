/**
 * For a command that inspects a program: the caches that it makes, wherever they are kept, and where its declarations stand.
 * Nothing is noted unless somebody watches. Every copy of this package in the process is watched.
 */
const INSPECTION = Symbol.for('tiercel.inspection');
const shared = globalThis as { [INSPECTION]?: object[] };

/** From now on every cache that is made is added to the list. */
export function watchInspection(): readonly object[] {
  const made: object[] = [];
  shared[INSPECTION] = made;
  return made;
}

export function noteCache(cache: object): void {
  shared[INSPECTION]?.push(cache);
}

/** Where the caller's caller stands, outside this package: `file:line:column`. Undefined if nobody watches. */
export function callSite(): string | undefined {
  if (shared[INSPECTION] === undefined) return undefined;
  const frames = String(new Error().stack).split('\n').slice(1);
  const own =
    /\((.*):\d+:\d+\)$/.exec(frames[0] ?? '')?.[1]?.replace(/registry[\\/]inspection\.[jt]s$/, '') ?? '';
  const isForeign = (frame: string): boolean =>
    !frame.includes(own) &&
    !/__decorate|__esDecorate|__runInitializers|node_modules[\\/]tslib|reflect-metadata|node:/.test(frame);
  const found = /(?:\(|at )(?:async )?(?:file:\/\/)?([^()]+:\d+:\d+)\)?$/.exec(frames.find(isForeign) ?? '');
  return found?.[1];
}
