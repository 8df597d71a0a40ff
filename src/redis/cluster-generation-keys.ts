/**
 * The toolkit's own names in a Redis Cluster. Each lies wherever its slot is, and is stamped with the run of that master
 * (P40): a promoted replica may lack the removal of a generation key as well as that of an entry.
 */
import type { Verdict } from '../contract/l2';
import type { ClusterNodes } from './cluster';
import type { RedisGenerationKeys } from './redis-generation-keys';
import { unknown } from './replies';

export class ClusterGenerationKeys {
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  homeOf(key: string): string | undefined {
    return this.#nodes.homeOf(key);
  }

  readGeneration(name: string, ms: number | undefined): Promise<string | undefined> {
    return this.#on(name, (generationKeys) => generationKeys.readGeneration(name, ms), nothing);
  }

  peekGeneration(name: string): Promise<string | undefined> {
    return this.#on(name, (generationKeys) => generationKeys.peekGeneration(name), nothing);
  }

  removeGeneration(name: string): Promise<Verdict> {
    return this.#on(name, (generationKeys) => generationKeys.removeGeneration(name), unknown);
  }

  extendGeneration(name: string, ms: number): Promise<Verdict> {
    return this.#on(name, (generationKeys) => generationKeys.extendGeneration(name, ms), unknown);
  }

  lock(name: string, ms: number): Promise<boolean> {
    return this.#on(name, (generationKeys) => generationKeys.lock(name, ms), no);
  }

  holdLock(name: string, ms: number): Promise<void> {
    return this.#on(name, (generationKeys) => generationKeys.holdLock(name, ms), nothing);
  }

  async touch(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map((name) => this.#on(name, (generationKeys) => generationKeys.touch([name]), nothing)),
    );
  }

  patterns(name: string, added: readonly string[]): Promise<readonly string[] | undefined> {
    return this.#on(name, (generationKeys) => generationKeys.patterns(name, added), nothing);
  }

  /** Not complete if a slot has moved meanwhile: its keys may have left a node before, and come to one after, its pass. */
  async sweep(
    glob: string,
    matches: (key: string) => boolean,
  ): Promise<{ readonly removed: number; readonly complete: boolean }> {
    const { version, all, state } = this.#nodes;
    const before = await this.#areSettled();
    const passes = await Promise.all(all.map(({ generationKeys }) => generationKeys.sweep(glob, matches)));
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
    await Promise.all(this.#nodes.all.map(({ generationKeys }) => generationKeys.purge(token, wanted)));
  }

  /** Whether every master serves exactly the slots that it is known to serve, and none is on its way. */
  async #areSettled(): Promise<boolean> {
    const answers = await Promise.all(
      this.#nodes.all.map(({ generationKeys }) => generationKeys.slotsAreSettled()),
    );
    return answers.every(Boolean);
  }

  #on<T>(
    name: string,
    ask: (generationKeys: RedisGenerationKeys) => Promise<T>,
    otherwise: () => T,
  ): Promise<T> {
    const node = this.#nodes.of(name);
    if (node !== undefined) return ask(node.generationKeys);
    return this.#nodes
      .found(name)
      .then((found) => (found === undefined ? otherwise() : ask(found.generationKeys)));
  }
}

function nothing(): undefined {
  return undefined;
}

function no(): boolean {
  return false;
}
