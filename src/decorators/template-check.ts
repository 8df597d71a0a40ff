/**
 * What the compiler can check of a template against its method: that `<0>` is one of the arguments, that `<result>` is
 * used only if there is one, and that `vars` gives every name. Types only.
 * Parameter names are invisible to types: `<id>` is checked when the class is defined.
 */
import type { IsList, NameOf, PlaceholderTexts, ValuesOf } from '../keys/placeholders';
import type { ArgumentsOf } from './method-types';

/** `'0' | '1'` for a method of two parameters; any number if there is a rest parameter. */
type Positions<Arguments extends readonly unknown[]> = number extends Arguments['length']
  ? `${number}`
  : Exclude<keyof Required<Arguments>, keyof any[]>;

/** Whether a template may name a list, `<ids[]>`. */
type Lists = 'refused' | 'allowed' | 'needed';

type Fault<Placeholder, Arguments extends readonly unknown[], Result extends boolean, List extends Lists> =
  // Spread over the union of all placeholders of the template.
  Placeholder extends string
    ? [IsList<Placeholder>, List] extends [true, 'refused']
      ? `a list is many keys, for @CacheableMany: <${Placeholder}>`
      : NameOf<Placeholder> extends `${number}`
        ? NameOf<Placeholder> extends Positions<Arguments>
          ? IsList<Placeholder> extends true
            ? ArgumentAt<Arguments, NameOf<Placeholder>> extends readonly unknown[]
              ? never
              : `not a list: <${Placeholder}>`
            : never
          : `no such argument: <${Placeholder}>`
        : [NameOf<Placeholder>, Result] extends ['result', false]
          ? `the key is needed before there is a result: <${Placeholder}>`
          : never
    : never;

/** The elements of a rest parameter are a list of their own. */
type ArgumentAt<Arguments extends readonly unknown[], Name> = number extends Arguments['length']
  ? readonly unknown[]
  : Name extends keyof Arguments
    ? Arguments[Name]
    : never;

type NoList<Text extends string, List extends Lists> = [List, true] extends [
  'needed',
  string extends Text ? false : Text extends `${string}[${string}` ? false : true,
]
  ? 'no list: name the list parameter, as in <ids[]>'
  : never;

type FaultsOf<
  Text extends string,
  Arguments extends readonly unknown[],
  Result extends boolean,
  List extends Lists,
> = Fault<PlaceholderTexts<Text>[number], Arguments, Result, List> | NoList<Text, List>;

/**
 * `Text` itself or, if it does not fit `Method`, a sentence that says why.
 * `Result`: whether the template is rendered after the method has run. `List`: whether it may name a list.
 */
export type CheckedTemplate<
  Text extends string,
  Method,
  Result extends boolean,
  List extends Lists = 'refused',
> =
  ArgumentsOf<Method> extends infer Arguments extends readonly unknown[]
    ? [FaultsOf<Text, Arguments, Result, List>] extends [never]
      ? Text
      : FaultsOf<Text, Arguments, Result, List>
    : Text;

/** What `vars` of a method returns: the values of all named placeholders. */
export type VariablesOf<Text extends string> = Omit<ValuesOf<Text>, `${number}` | 'this' | 'result'>;
