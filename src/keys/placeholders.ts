/**
 * What the compiler reads from a template: its placeholders, the values they take, and the arguments of a builder.
 * Types only. A template that is not a literal (`string`) is not checked here; the parser checks it at run time.
 */

/** A value that can be part of a key. `null` and `undefined` are values of optional placeholders only. */
export type KeyPart =
  | string
  | number
  | bigint
  | boolean
  /** A Date, an ObjectId, a URL: the string is the part. */
  | { toJSON(): string }
  | null
  | undefined;

/** The strings between `<` and `>`, in template order: `['user.id', 'cursor?|lower']`. No caller gives `<ctx.tenant>`. */
export type PlaceholderTexts<T extends string> = T extends `${string}<${infer P}>${infer Rest}`
  ? P extends `ctx.${string}`
    ? PlaceholderTexts<Rest>
    : [P, ...PlaceholderTexts<Rest>]
  : [];

type WithoutFilters<P extends string> = P extends `${infer Reference}|${string}` ? Reference : P;
type WithoutMark<R extends string> = R extends `${infer Required}?` ? Required : R;
type Reference<P extends string> = WithoutMark<WithoutFilters<P>>;
type Head<R extends string> = R extends `${infer First}.${string}` ? First : R;

/** `user` of `user.id?|lower`: what a parameter or a property of the values is called. */
export type NameOf<P extends string> = WithoutBrackets<Head<Reference<P>>>;
type WithoutBrackets<N extends string> = N extends `${infer Name}[]` ? Name : N;

/** Of `ids[]` and `orders[].id`. */
export type IsList<P extends string> = Head<Reference<P>> extends `${string}[]` ? true : false;

/** The names that a template asks values for, as a union. */
export type PlaceholderNames<T extends string> = string extends T
  ? string
  : NameOf<PlaceholderTexts<T>[number]>;

/** Names in template order, each once. */
type NamesInOrder<Ps extends readonly string[], Seen extends readonly string[] = []> = Ps extends readonly [
  infer P extends string,
  ...infer Rest extends readonly string[],
]
  ? NamesInOrder<Rest, NameOf<P> extends Seen[number] ? Seen : [...Seen, NameOf<P>]>
  : Seen;

type IsOptional<P extends string> = WithoutFilters<P> extends `${string}?` ? true : false;

/** A hash takes anything; other filters work on text. */
type Scalar<P extends string> = P extends `${WithoutFilters<P>}|hash`
  ? NonNullable<unknown>
  : NonNullable<KeyPart>;

type Nested<Path extends string, V> = Path extends `${infer Head}.${infer Rest}`
  ? { readonly [K in Head]: Nested<Rest, V> }
  : { readonly [K in Path]: V };

type NestedOptional<Path extends string, V> = Path extends `${infer Head}.${infer Rest}`
  ? { readonly [K in Head]?: NestedOptional<Rest, V> | null | undefined }
  : { readonly [K in Path]?: V | null | undefined };

/** What one placeholder asks of the value of its name. */
type Demand<P extends string> =
  Reference<P> extends `${string}.${infer Path}`
    ? IsOptional<P> extends true
      ? NestedOptional<Path, Scalar<P>> | null | undefined
      : Nested<Path, Scalar<P>>
    : IsOptional<P> extends true
      ? Scalar<P> | null | undefined
      : Scalar<P>;

/** Placeholders of one name: each demand in a box, so that a union of demands stays whole while they are intersected. */
type Boxed<P extends string, Name extends string> = P extends string
  ? NameOf<P> extends Name
    ? (box: { demand: Demand<P> }) => void
    : never
  : never;

type DemandOn<T extends string, Name extends string> =
  Boxed<PlaceholderTexts<T>[number], Name> extends (box: infer B extends { demand: unknown }) => void
    ? B['demand']
    : never;

type OptionalNames<T extends string> = {
  [N in PlaceholderNames<T>]: undefined extends DemandOn<T, N> ? N : never;
}[PlaceholderNames<T>];

/** The values of a template by name: `{ userId: string | number | ..., cursor?: ... }` for `feed:<userId>:<cursor?>`. */
export type ValuesOf<T extends string> = string extends T
  ? Readonly<Record<string, unknown>>
  : { readonly [N in Exclude<PlaceholderNames<T>, OptionalNames<T>>]: DemandOn<T, N> } & {
      readonly [N in OptionalNames<T>]?: DemandOn<T, N>;
    };

type ArgumentList<
  T extends string,
  Names extends readonly string[],
  Tail extends readonly unknown[] = [],
  TailOptional = true,
> = Names extends readonly [...infer Before extends readonly string[], infer Last extends string]
  ? [TailOptional, undefined] extends [true, DemandOn<T, Last>]
    ? ArgumentList<T, Before, [DemandOn<T, Last>?, ...Tail], true>
    : ArgumentList<T, Before, [DemandOn<T, Last>, ...Tail], false>
  : Tail;

/** The values of a template by position: one argument per name, in template order. */
export type TemplateArguments<T extends string> = string extends T
  ? readonly unknown[]
  : ArgumentList<T, NamesInOrder<PlaceholderTexts<T>>>;
