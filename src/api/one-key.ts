/**
 * Reads one key without loading it. What L1 has is one promise, and needs no look at the form of the key: all keys in L1
 * are canonical.
 */
import type { Policy } from '../contract/engine';
import type { Engine } from '../engine/engine';
import { type Key, type KeyValues, keyText } from './key-input';

export function getOneKey<V>(
  engine: Engine,
  policy: Policy,
  key: Key,
  values: KeyValues | undefined,
): Promise<V | undefined> {
  const served = values === undefined ? servedAsWritten<V>(engine, policy, key) : undefined;
  return served ?? find<V>(engine, policy, key, values);
}

export function servedAsWritten<V>(engine: Engine, policy: Policy, key: Key): Promise<V> | undefined {
  return typeof key === 'string' ? engine.served<V>(key, policy) : undefined;
}

async function find<V>(
  engine: Engine,
  policy: Policy,
  key: Key,
  values: KeyValues | undefined,
): Promise<V | undefined> {
  const text = keyText(key, values, engine);
  const served = text === key ? undefined : engine.served<V>(text, policy);
  return served ?? engine.find<V>(text, policy);
}
