/**
 * Finds instances whose classes have class-transformer metadata. Nest's `ClassSerializerInterceptor` hides their
 * `@Exclude()`d fields, but only of an instance: of the plain object that L2 returns it would send everything.
 */
import { isClassInstance } from '../engine/entry/class-instance';

/** Parts of one value that are looked at: enough for a page of entities, and bounded. */
const MAX_PARTS = 1_000;
const CLASS_TO_PLAIN = 1;

/** class-transformer's own record of its decorators, as far as it is used here. */
interface MetadataStorage {
  getStrategy(target: unknown): 'excludeAll' | 'exposeAll' | 'none';
  getExposedMetadatas(target: unknown): readonly unknown[];
  getExcludedMetadatas(target: unknown): readonly unknown[];
  findTransformMetadatas(target: unknown, property: string, type: number): readonly unknown[];
}

let storage: MetadataStorage | false | undefined;
const known = new WeakMap<object, boolean>();

/** What the value hides, in words; undefined if nothing is known to be hidden. */
export function hiddenFieldsOf(value: unknown): string | undefined {
  storage ??= metadataStorage();
  if (storage === false || typeof value !== 'object' || value === null) return undefined;
  const parts = new Set<object>([value]);
  for (const part of parts) {
    if (isClassInstance(part) && isDecorated(part, storage))
      return `an instance of ${part.constructor.name}, which class-transformer decorates`;
    for (const inner of Object.values(part)) {
      if (parts.size >= MAX_PARTS) break;
      if (typeof inner === 'object' && inner !== null) parts.add(inner);
    }
  }
  return undefined;
}

function isDecorated(instance: object, metadata: MetadataStorage): boolean {
  const ownClass = instance.constructor;
  let found = known.get(ownClass);
  if (found === undefined) {
    found =
      metadata.getStrategy(ownClass) !== 'none' ||
      metadata.getExposedMetadatas(ownClass).length > 0 ||
      metadata.getExcludedMetadatas(ownClass).length > 0 ||
      Object.keys(instance).some(
        (name) => metadata.findTransformMetadatas(ownClass, name, CLASS_TO_PLAIN).length > 0,
      );
    known.set(ownClass, found);
  }
  return found;
}

/** False where class-transformer is not installed: then Nest cannot hide anything either. */
function metadataStorage(): MetadataStorage | false {
  try {
    return require('class-transformer/cjs/storage').defaultMetadataStorage as MetadataStorage;
  } catch {
    return false;
  }
}
