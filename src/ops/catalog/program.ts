/**
 * Everything that is declared for one cache, flattened: which method keeps entries under which template, and what
 * invalidates which pattern, by decorator or by event. It reads declarations and judges nothing.
 */
import type { ResolvedConfig } from '../../config/resolved';
import { type Pattern, parsePattern } from '../../keys/pattern';
import { parseTemplate, type Template } from '../../keys/template';
import type {
  CacheableDeclaration,
  Declaration,
  InvalidateDeclaration,
  PutDeclaration,
  TagsDeclaration,
} from '../../registry/declarations';
import type { DecoratedCache } from '../../registry/default-cache';

/** A method or a strategy that keeps entries under a template. */
export interface Keeper {
  readonly label: string;
  readonly declaration: KeptEntries;
  readonly template: Template;
}

/** What a decorator and a strategy both say of the entries they keep. */
export type KeptEntries = Pick<
  CacheableDeclaration | PutDeclaration,
  'kind' | 'method' | 'storing' | 'shared'
> & {
  readonly tags: Pick<TagsDeclaration, 'templates'> | undefined;
  readonly created?: boolean;
  readonly bulk?: CacheableDeclaration['bulk'];
};

export interface Invalidator {
  readonly pattern: Pattern;
  /** Undefined if it comes from an event or from `patterns` of the configuration, and from no method. */
  readonly declaration: InvalidateDeclaration | undefined;
  readonly label: string | undefined;
  readonly event: string | undefined;
}

export interface Program {
  readonly config: ResolvedConfig;
  readonly keepers: readonly Keeper[];
  readonly invalidators: readonly Invalidator[];
  /** All `@CacheInvalidate`, also those by tag or by an event that the configuration lacks. */
  readonly invalidations: readonly InvalidateDeclaration[];
  /** Methods whose key a function computes. */
  readonly computedKeys: readonly string[];
  /** Methods whose patterns a function computes. */
  readonly computedPatterns: readonly string[];
}

export function labelOf({ name, method }: Declaration): string {
  return name ?? method.label;
}

/**
 * @param cache whose program it is: methods that name another cache are left out
 * @param strategies the cache's own
 */
export function programOf(
  config: ResolvedConfig,
  declarations: readonly Declaration[],
  cache: DecoratedCache,
  strategies: readonly Keeper[] = [],
): Program {
  const own = declarations.filter((one) => typeof one.cache !== 'object' || one.cache === cache);
  const keeping = own.filter((one) => one.kind !== 'invalidate');
  const invalidations = own.filter((one) => one.kind === 'invalidate');
  return {
    config,
    keepers: [
      ...keeping.flatMap((declaration) =>
        declaration.templates.map((text) => ({
          label: labelOf(declaration),
          declaration,
          template: parseTemplate(text),
        })),
      ),
      ...strategies,
    ],
    invalidators: [...ofMethods(invalidations, config), ...ofConfiguration(invalidations, config)],
    invalidations,
    computedKeys: keeping.filter(({ templates }) => templates.length === 0).map(labelOf),
    computedPatterns: invalidations
      .filter(({ templates, targets }) => templates.length === 0 && targets.length > 0)
      .map(labelOf),
  };
}

/** What reads entries: its label, its template, and the tags that its entries are declared to have. */
export function cachedTemplates({ keepers }: Program) {
  return keepers
    .filter(({ declaration }) => declaration.kind === 'cacheable')
    .map(({ label, template, declaration }) => ({
      label,
      template,
      tags: declaration.tags?.templates ?? [],
    }));
}

function ofMethods(
  invalidations: readonly InvalidateDeclaration[],
  { events }: ResolvedConfig,
): Invalidator[] {
  return invalidations.flatMap((declaration) => {
    const event = declaration.event?.event;
    const texts = event === undefined ? declaration.templates : (events.get(event) ?? []);
    const label = labelOf(declaration);
    return texts.map((text) => ({ pattern: parsePattern(text), declaration, label, event }));
  });
}

/** Events that no method stands for: `emit` does. */
function ofConfiguration(
  invalidations: readonly InvalidateDeclaration[],
  { events }: ResolvedConfig,
): Invalidator[] {
  const used = new Set(invalidations.map(({ event }) => event?.event));
  const emitted = [...events].filter(([event]) => !used.has(event));
  return emitted.flatMap(([event, texts]) =>
    texts.map((text) => ({
      pattern: parsePattern(text),
      declaration: undefined,
      label: undefined,
      event,
    })),
  );
}
