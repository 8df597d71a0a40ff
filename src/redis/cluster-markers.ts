/**
 * The toolkit's own names in a Redis Cluster. Each lies wherever its slot is, and is stamped with the run of that master
 * (P40): a promoted replica may lack the removal of a marker as well as that of an entry.
 */
import type { MarkerTier, Verdict } from '../contract/l2';
import type { ClusterNodes } from './cluster';
import type { RedisMarkers } from './redis-markers';
import { unknown } from './replies';

export class ClusterMarkers implements MarkerTier {
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  homeOf(key: string): string | undefined {
    return this.#nodes.homeOf(key);
  }

  readMarker(name: string, ms: number | undefined): Promise<string | undefined> {
    return this.#on(name, (markers) => markers.readMarker(name, ms), nothing);
  }

  peekMarker(name: string): Promise<string | undefined> {
    return this.#on(name, (markers) => markers.peekMarker(name), nothing);
  }

  removeMarker(name: string): Promise<Verdict> {
    return this.#on(name, (markers) => markers.removeMarker(name), unknown);
  }

  extendMarker(name: string, ms: number): Promise<Verdict> {
    return this.#on(name, (markers) => markers.extendMarker(name, ms), unknown);
  }

  lock(name: string, ms: number): Promise<boolean> {
    return this.#on(name, (markers) => markers.lock(name, ms), no);
  }

  holdLock(name: string, ms: number): Promise<void> {
    return this.#on(name, (markers) => markers.holdLock(name, ms), nothing);
  }

  async touch(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#on(name, (markers) => markers.touch([name]), nothing)));
  }

  patterns(name: string, added: readonly string[]): Promise<readonly string[] | undefined> {
    return this.#on(name, (markers) => markers.patterns(name, added), nothing);
  }

  /** Not complete if a slot has moved meanwhile: its keys may have left a node before, and come to one after, its pass. */
  async sweep(
    glob: string,
    matches: (key: string) => boolean,
  ): Promise<{ readonly removed: number; readonly complete: boolean }> {
    const { version, all, state } = this.#nodes;
    const before = await this.#areSettled();
    const passes = await Promise.all(all.map(({ markers }) => markers.sweep(glob, matches)));
    const after = await this.#areSettled();
    return {
      removed: passes.reduce((sum, { removed }) => sum + removed, 0),
      complete:
        state.kind === 'ready' &&
        passes.every(({ complete }) => complete) &&
        before &&
        after &&
        version === this.#nodes.version,
    };
  }

  async purge(token: string, wanted: (key: string) => boolean): Promise<void> {
    await Promise.all(this.#nodes.all.map(({ markers }) => markers.purge(token, wanted)));
  }

  /** Whether every master serves exactly the slots that it is known to serve, and none is on its way. */
  async #areSettled(): Promise<boolean> {
    const answers = await Promise.all(this.#nodes.all.map(({ markers }) => markers.slotsAreSettled()));
    return answers.every(Boolean);
  }

  #on<T>(name: string, ask: (markers: RedisMarkers) => Promise<T>, otherwise: () => T): Promise<T> {
    const node = this.#nodes.of(name);
    if (node !== undefined) return ask(node.markers);
    return this.#nodes.found(name).then((found) => (found === undefined ? otherwise() : ask(found.markers)));
  }
}

function nothing(): undefined {
  return undefined;
}

function no(): boolean {
  return false;
}
