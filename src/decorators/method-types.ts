/**
 * The types that let one decorator serve `experimentalDecorators` and TC39 decorators, and read `this`, the arguments
 * and the awaited result out of the decorated method. Types only.
 *
 * Three things the compiler needs, or inference fails: one call signature (with overloads only the last is used), the
 * method itself as the type parameter (generic methods would be lost otherwise), and `This | Method` in the first slot,
 * whose weak inference leaves the decision to the second or third.
 */

/** A method that returns a promise; `any` parameters, since every asynchronous method must be assignable. */
export type AsyncMethod = (this: any, ...args: any) => Promise<any>;

export type ArgumentsOf<Method> = Method extends (this: any, ...args: infer Arguments) => any
  ? Arguments
  : never;

export type ResultOf<Method> = Method extends (this: any, ...args: any) => Promise<infer Result>
  ? Result
  : never;

/** What the result of a bulk method has for one element. */
export type ItemOf<Result> =
  Result extends ReadonlyMap<any, infer Item>
    ? Item
    : Result extends readonly (infer Item)[]
      ? Item
      : Result extends Readonly<Record<PropertyKey, infer Item>>
        ? Item
        : never;

/** The arguments of a bulk method, with one element in the place of its first list. */
export type OneOf<Arguments extends readonly unknown[]> = number extends Arguments['length']
  ? [element: Arguments[number]]
  : Arguments extends readonly [infer First, ...infer Others]
    ? First extends readonly (infer Element)[]
      ? [element: Element, ...others: Others]
      : [First, ...OneOf<Others>]
    : Arguments;

/**
 * A decorator for methods that return a promise, in both decorator modes.
 * Fields, getters and synchronous methods do not fit its parameters, and are therefore errors of compilation.
 */
export type AsyncMethodDecorator<This, Method> = (
  ...subject:
    | [
        method: This | Method,
        context: ClassMethodDecoratorContext<This, Method extends AsyncMethod ? Method : never>,
      ]
    | [target: This | Method, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>]
) => void;
