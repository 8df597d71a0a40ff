/** Compiled, never run: what the compiler reads out of a template, and which calls it refuses. */
import { defineKeys } from '../../src/keys/key-map';
import type {
  KeyPart,
  NameOf,
  PlaceholderNames,
  PlaceholderTexts,
  TemplateArguments,
  ValuesOf,
} from '../../src/keys/placeholders';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Expand<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;
type Given = NonNullable<KeyPart>;

/** Compiles only if every element is `true`. */
export type Checks = All<
  [
    Equal<PlaceholderTexts<'lb:<userId>:x:<guild.id?|lower>'>, ['userId', 'guild.id?|lower']>,
    Equal<PlaceholderTexts<'leaderboard:top'>, []>,
    Equal<NameOf<'guild.id?|lower'>, 'guild'>,
    Equal<NameOf<'cursor?'>, 'cursor'>,
    Equal<NameOf<'id|lower|hash'>, 'id'>,
    Equal<PlaceholderNames<'a:<b>:<c.d>:<b>:*'>, 'b' | 'c'>,
    Equal<PlaceholderNames<'leaderboard:top'>, never>,
    Equal<PlaceholderNames<string>, string>,
    Equal<Expand<ValuesOf<'a:<b>'>>, { readonly b: Given }>,
    Equal<Expand<ValuesOf<'a:<b>:<c?>:*'>>, { readonly b: Given; readonly c?: KeyPart }>,
    Equal<ValuesOf<'a:<b.c.d>'>['b']['c']['d'], Given>,
    Equal<ValuesOf<'a:<q|hash>'>['q'], NonNullable<unknown>>,
    Equal<ValuesOf<'a:<q|lower|hash>'>['q'], Given>,
    Equal<ValuesOf<string>, Readonly<Record<string, unknown>>>,
    Equal<TemplateArguments<'leaderboard:top'>, []>,
    Equal<TemplateArguments<'a:<b>:<c>:<b>'>, [Given, Given]>,
    Equal<TemplateArguments<'a:<b>:<c?>'>, [Given, KeyPart?]>,
    Equal<TemplateArguments<'a:<b?>:<c?>'>, [KeyPart?, KeyPart?]>,
    Equal<TemplateArguments<'a:<b?>:<c>'>, [KeyPart, Given]>,
    Equal<TemplateArguments<string>, readonly unknown[]>,
  ]
>;
type All<Results extends readonly true[]> = Results;

const keys = defineKeys({
  top: 'leaderboard:top',
  userVault: 'vault:user:<userId>',
  userPosition: 'lb:user:<userId>:guild:<guildId>',
  feed: 'feed:<user.id>:<user.region?>:<cursor?>',
  search: 'search:<query|hash>',
});

keys.top();
keys.userVault('1');
keys.userVault(1n);
keys.userVault(new Date(0));
keys.userPosition(1, 2);
keys.feed({ id: 1 });
keys.feed({ id: 1, region: null }, undefined);
keys.feed({ id: 1, region: 'eu' }, 'c');
keys.search({ any: ['thing'] });
keys.userPosition.pattern();
keys.userPosition.pattern(1);
keys.userVault.template satisfies 'vault:user:<userId>';
keys.userPosition.values(1, 'x') satisfies { readonly userId: KeyPart; readonly guildId: KeyPart };

// @ts-expect-error no value for <userId>
keys.userVault();
// @ts-expect-error one value too many
keys.userVault(1, 2);
// @ts-expect-error undefined where a value is required
keys.userVault(undefined);
// @ts-expect-error null where a value is required
keys.userPosition(1, null);
// @ts-expect-error an object is no part of a key
keys.userVault({ id: 1 });
// @ts-expect-error a symbol is no part of a key
keys.userVault(Symbol('s'));
// @ts-expect-error <user.id> asks for an object with an id
keys.feed('1');
// @ts-expect-error <user.id> is required
keys.feed({ region: 'eu' });
// @ts-expect-error a missing value cannot be hashed
keys.search(undefined);
// @ts-expect-error no arguments without placeholders
keys.top(1);
// @ts-expect-error too many values for the pattern
keys.userPosition.pattern(1, 2, 3);
// @ts-expect-error an object is no part of a pattern
keys.userPosition.pattern({});
// @ts-expect-error no such key
keys.userVaults;
// @ts-expect-error keys cannot be changed
keys.top = keys.userVault;
// @ts-expect-error a template is a string
defineKeys({ a: 1 });
