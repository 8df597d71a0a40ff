/**
 * The two serializers that come with the toolkit. JSON is the default because other programs and people can read it;
 * `structured` (V8's structured clone format) keeps Date, Map, Set, bigint, typed arrays and cycles.
 */
import { deserialize, serialize } from 'node:v8';
import type { Serializer } from '../../contract/serializer';

const json: Serializer = {
  tag: 'json',
  encode: (value) => JSON.stringify(value),
  decode: (bytes) => JSON.parse(bytes.toString()),
};

const structured: Serializer = {
  tag: 'structured',
  encode: (value) => serialize(value),
  decode: (bytes) => deserialize(bytes),
};

export function serializerNamed(choice: 'json' | 'structured' | Serializer): Serializer {
  if (choice === 'json') return json;
  return choice === 'structured' ? structured : choice;
}
