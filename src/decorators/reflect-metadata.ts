/**
 * The part of the `reflect-metadata` polyfill that decorators use, if the program has loaded it. Never loads it.
 */
interface MetadataReflection {
  getOwnMetadataKeys(target: object): unknown[];
  getOwnMetadata(key: unknown, target: object, property?: string | symbol): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
}

/** Looked up each time: the polyfill may be loaded at any moment before a class is defined. */
function reflection(): MetadataReflection | undefined {
  const reflect = globalThis.Reflect as unknown as Partial<MetadataReflection>;
  return typeof reflect.getOwnMetadataKeys === 'function' ? (reflect as MetadataReflection) : undefined;
}

/** The own metadata of a member of `target`, if any. */
export function readMetadata(key: string, target: object, member: string | symbol): unknown {
  return reflection()?.getOwnMetadata(key, target, member);
}

export function writeMetadata(key: string, value: unknown, target: object): void {
  reflection()?.defineMetadata(key, value, target);
}

export function copyMetadata(from: object, to: object): void {
  const reflect = reflection();
  if (reflect === undefined) return;
  for (const key of reflect.getOwnMetadataKeys(from)) {
    reflect.defineMetadata(key, reflect.getOwnMetadata(key, from), to);
  }
}
