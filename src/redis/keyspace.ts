/**
 * Passes over all keys of a namespace: the sweep for patterns that nobody declared (P10), and the purge of what `clear`
 * has made invalid (P27). They go through the keyspace in steps, and take as long as it is large.
 */
import type { L2 } from '../contract/l2';
import type { Nodes } from './nodes';
import type { RedisConnection } from './redis-connection';

/** Keys per step: small enough not to hold up other clients (0.6 ms a step, measured). */
const STEP = 1000;

type Sweep = ReturnType<L2['sweep']>;

/** Not complete if a slot has moved meanwhile: its keys may have left a node before its pass, and reached another after. */
export async function sweep(nodes: Nodes, glob: string, matches: (key: string) => boolean): Sweep {
  const { version, all } = nodes;
  const before = await nodes.areSettled();
  const passes = await Promise.all(all.map((node) => sweepNode(node, glob, matches)));
  const after = await nodes.areSettled();
  return {
    removed: passes.reduce((sum, { removed }) => sum + removed, 0),
    complete: passes.every(({ complete }) => complete) && before && after && version === nodes.version,
  };
}

export async function purge(
  { all }: Nodes,
  generation: string,
  wanted: (key: string) => boolean,
  isOver: () => boolean,
): Promise<void> {
  await Promise.all(all.map((node) => purgeNode(node, generation, wanted, isOver)));
}

async function sweepNode(node: RedisConnection, glob: string, matches: (key: string) => boolean): Sweep {
  const { client, prefix } = node;
  let removed = 0;
  try {
    for await (const names of scan(node, glob)) {
      const wanted = names.filter((name) => matches(name.slice(prefix.length)));
      const removals = wanted.map((name) => client.tiercelInvalidateBuffer(name));
      for (const [index, name] of wanted.entries()) {
        node.onWrite?.([name.slice(prefix.length)], removals[index]!);
      }
      await Promise.all(removals);
      removed += wanted.length;
    }
    return { removed, complete: true };
  } catch {
    return { removed, complete: false };
  }
}

async function purgeNode(
  node: RedisConnection,
  generation: string,
  wanted: (key: string) => boolean,
  isOver: () => boolean,
): Promise<void> {
  const { client, prefix } = node;
  for await (const names of scan(node, '*')) {
    if (isOver()) return;
    const keys = names.filter((name) => wanted(name.slice(prefix.length)));
    // A value of another type is an error reply, and not ours to remove.
    await Promise.allSettled(keys.map((name) => client.tiercelPurgeBuffer(name, generation)));
  }
}

/** Names with the prefix, step by step; some of them perhaps twice. */
async function* scan({ client, prefix }: RedisConnection, glob: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const match = ['MATCH', escapeGlob(prefix) + glob, 'COUNT', STEP] as const;
    const [next, names] = (await client.callBuffer('SCAN', cursor, ...match)) as [Buffer, Buffer[]];
    yield names.map(String);
    cursor = String(next);
  } while (cursor !== '0');
}

/** A glob that matches this string and nothing else. */
function escapeGlob(literal: string): string {
  return literal.replace(/[*?[\]\\]/g, '\\$&');
}
