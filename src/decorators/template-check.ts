/**
 * What the compiler can check of a template against its method: that `<0>` is one of the arguments, that `<result>` is
 * used only if there is one, and that `vars` gives every name. Types only.
 * Parameter names are invisible to types: `<id>` is checked when the class is defined.
 */
import type { NameOf, PlaceholderTexts, ValuesOf } from '../keys/placeholders';
import type { ArgumentsOf } from './method-types';

/** `'0' | '1'` for a method of two parameters; any number if there is a rest parameter. */
type Positions<Arguments extends readonly unknown[]> = number extends Arguments['length']
  ? `${number}`
  : Exclude<keyof Required<Arguments>, keyof any[]>;

type Fault<Placeholder, Arguments extends readonly unknown[], Result extends boolean> =
  // Spread over the union of all placeholders of the template.
  Placeholder extends string
    ? NameOf<Placeholder> extends `${number}`
      ? NameOf<Placeholder> extends Positions<Arguments>
        ? never
        : `no such argument: <${Placeholder}>`
      : [NameOf<Placeholder>, Result] extends ['result', false]
        ? `the key is needed before there is a result: <${Placeholder}>`
        : never
    : never;

type FaultsOf<Text extends string, Arguments extends readonly unknown[], Result extends boolean> = Fault<
  PlaceholderTexts<Text>[number],
  Arguments,
  Result
>;

/**
 * `Text` itself or, if it does not fit `Method`, a sentence that says why.
 * `Result`: whether the template is rendered after the method has run.
 */
export type CheckedTemplate<Text extends string, Method, Result extends boolean> =
  ArgumentsOf<Method> extends infer Arguments extends readonly unknown[]
    ? [FaultsOf<Text, Arguments, Result>] extends [never]
      ? Text
      : FaultsOf<Text, Arguments, Result>
    : Text;

/** What `vars` of a method returns: the values of all named placeholders. */
export type VariablesOf<Text extends string> = Omit<ValuesOf<Text>, `${number}` | 'this' | 'result'>;
