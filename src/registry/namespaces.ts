/**
 * The namespaces in use in this process. Two caches may share one only with equal settings: else they would overwrite
 * each other's entries.
 */
import type { ResolvedConfig } from '../config/resolved';
import { NamespaceTakenError } from '../contract/errors';

/** Namespaces in use in this process, with the settings that they are used with. */
const namespaces = new Map<string, { readonly settings: string; caches: number }>();

/**
 * Returns the function that gives the namespace back.
 * @throws NamespaceTakenError (`TIERCEL_NAMESPACE_TAKEN`)
 */
export function takeNamespace(config: ResolvedConfig): () => void {
  const { namespace } = config;
  const settings = settingsText(config);
  const taken = namespaces.get(namespace);
  if (taken !== undefined && taken.settings !== settings) {
    throw new NamespaceTakenError({
      subject: namespace,
      expected: 'one set of settings for a namespace within a process',
      got: 'a second cache with different ones',
      remedy: 'Close the first cache, share it, or give the second a namespace of its own.',
    });
  }
  const use = taken ?? { settings, caches: 0 };
  namespaces.set(namespace, use);
  use.caches += 1;
  return () => {
    use.caches -= 1;
    if (use.caches === 0) namespaces.delete(namespace);
  };
}

/**
 * The location of Redis, compression, which every process opens, and what a cache adds for itself: declared patterns are
 * shared by all anyway (pattern set, P7).
 */
const NOT_COMPARED = new Set(['connection', 'compress', 'patterns', 'events', 'monitoring']);

/**
 * Everything that decides what entries look like and how long they live. The location of Redis is left out: one
 * namespace on two servers is two caches that never meet.
 */
function settingsText(config: ResolvedConfig): string {
  return JSON.stringify(config, (key, value: unknown) => {
    if (value instanceof Map) return [...value];
    if (NOT_COMPARED.has(key)) return undefined;
    if (key === 'serializer' && typeof value === 'object' && value !== null)
      return (value as { tag: string }).tag;
    return value;
  });
}
