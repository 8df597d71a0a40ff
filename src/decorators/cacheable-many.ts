/**
 * `@CacheableMany`: its signature and options, and the declaration it makes. What happens at a call is not decided here.
 */
import type { ReadingOptions, StoringOptions, Ttl } from '../config/options';
import { DecoratorOptionError } from '../contract/errors';
import { keyListOf } from '../keys/key-list';
import { parseTemplate } from '../keys/template';
import type { CacheableDeclaration } from '../registry/declarations';
import { declareCacheable } from './cacheable';
import type { CheckedOptions } from './declaration-parts';
import { bindingSource, type PrefixedKey } from './key-source';
import type { MethodOptions, SharedOption } from './method-options';
import type { ArgumentsOf, AsyncMethod, AsyncMethodDecorator, ItemOf, ResultOf } from './method-types';
import { bulkRules } from './option-check';
import { storingDecorator } from './storing-decorator';
import { describeSubject, type Subject } from './subject';
import type { CheckedTemplate } from './template-check';

/** The kind of a bulk method's result. */
type KindOf<Result> = Result extends readonly unknown[]
  ? 'array'
  : Result extends ReadonlyMap<unknown, unknown>
    ? 'map'
    : 'record';

type StoredItem<Method> = Exclude<ItemOf<ResultOf<Method>>, undefined>;

type OfItem<This, Method, Answer> = (
  this: This,
  args: ArgumentsOf<Method>,
  item: StoredItem<Method>,
) => Answer;

export interface CacheableManyOptions<This, Method, Text extends string = string>
  extends StoringOptions<OfItem<This, Method, Ttl>, StoredItem<Method>>,
    Pick<ReadingOptions, 'schema'>,
    MethodOptions<This, Method, Text>,
    SharedOption {
  /** The kind of the method's result: an array, or a `Map` or record by what identifies an element. Default `'array'`. */
  readonly into?: KindOf<ResultOf<Method>> | undefined;
  /**
   * Of an array: which element an item belongs to, as the name of a property or a function. Elements without an item are
   * left out. Default: the array is as long as the list and in its order; `undefined` is an element without an item.
   */
  readonly by?:
    | (keyof NonNullable<StoredItem<Method>> & string)
    | ((item: NonNullable<StoredItem<Method>>) => unknown)
    | undefined;
  /** If it returns `true`, the item is returned but not stored. Default: never. If it throws, the call rejects. */
  readonly unless?: OfItem<This, Method, boolean> | undefined;
  /** The tags of an entry: templates, which may use `<ids[]>` and, for the item, `<result>`; or a function. Default: none. */
  readonly tags?: readonly string[] | OfItem<This, Method, readonly string[]> | undefined;
}

/**
 * Answers calls of an asynchronous method that takes a list from the cache, element by element, and runs the method once
 * with the elements that have no entry. Each element has one entry, under the key that `@Cacheable('user:<id>')` would
 * use. The caller gets the same kind of result, in the order of the list. An empty list does not call the method.
 *
 * @param key a template with the list parameter in it: `'user:<ids[]>'`, `'user:<0[]>'`, `'order:<orders[].id>'`.
 * @throws when the class is defined: a coded error for a malformed template, one without a list, a placeholder that the
 *   method cannot fill, or an unknown option. A call rejects if a required value is missing, the `ttl` names an unknown
 *   preset, or the method's result does not fit the options (`TIERCEL_BULK_RESULT`); then nothing is stored.
 */
export function CacheableMany<This, Method extends AsyncMethod, const Text extends string>(
  key: Text extends CheckedTemplate<Text, Method, false, 'needed'>
    ? Text
    : CheckedTemplate<Text, Method, false, 'needed'>,
  options: CacheableManyOptions<This, Method, Text> = {},
): AsyncMethodDecorator<This, Method> {
  return storingDecorator('@CacheableMany', key, options, bulkRules, declareMany);
}

function declareMany(subject: Subject, key: PrefixedKey, options: CheckedOptions): CacheableDeclaration {
  const declaration = declareCacheable(subject, key, options, { allowList: true });
  const [template] = declaration.templates;
  const source = bindingSource(subject, options, { allowResult: false });
  const list = template === undefined ? undefined : keyListOf(parseTemplate(template), source);
  if (list === undefined) {
    throw new DecoratorOptionError({
      subject: describeSubject(subject),
      expected: "a key template with a list, such as 'user:<ids[]>'",
      got: template === undefined ? 'a function' : `'${template}'`,
    });
  }
  const { by, into = 'array' } = options;
  const byItem = typeof by === 'string' ? (item: unknown) => (item as Record<string, unknown>)[by] : by;
  return { ...declaration, bulk: { list, into, by: byItem } };
}
