/**
 * The static check: finds mistakes in the declarations of a program before any call shows them. It knows templates, not
 * values: it does not see what functions compute, nor keys that are used by hand.
 */
import { ttlOf } from '../../config/define';
import { nearestName } from '../../config/nearest-name';
import type { Finding } from '../../contract/declared';
import { TiercelError } from '../../contract/errors';
import { type Pattern, type PatternSegment, parsePattern, reaches } from '../../keys/pattern';
import { contextRequired, missingContext } from '../../keys/required-context';
import { parseTemplate, type Template } from '../../keys/template';
import { placeOf } from '../../registry/declarations';
import { type Invalidator, type Keeper, labelOf, type Program } from './program';

const LEVELS = ['error', 'warning', 'info'] as const;

/** The most severe first. */
export function checkProgram(program: Program): Finding[] {
  const found = [
    ...unreachedPatterns(program),
    ...unreachedTags(program),
    ...events(program),
    ...presets(program),
    ...contexts(program),
    ...putAndInvalidate(program),
    ...overlaps(program),
    ...broadPatterns(program),
    ...neverInvalidated(program),
    ...putsByResult(program),
  ];
  return LEVELS.flatMap((level) => found.filter((finding) => finding.level === level)).map((finding) => {
    const place = placeIn(program, finding);
    return place === undefined ? finding : { ...finding, place };
  });
}

/** That of the declaration with this template, else of any of the method's. */
function placeIn({ keepers, invalidations }: Program, { method, template }: Finding): string | undefined {
  const own = [
    ...keepers.map(({ label, declaration, template: { text } }) => ({ label, declaration, texts: [text] })),
    ...invalidations.map((one) => ({
      label: labelOf(one),
      declaration: one,
      texts: [...one.templates, ...(one.tags?.templates ?? [])],
    })),
  ].filter(({ label }) => label === method);
  const exact = own.find(({ texts }) => template !== null && texts.includes(template)) ?? own[0];
  return exact && placeOf(exact.declaration);
}

/** Whether a finding of this level is at least as severe as `least`. */
export function isAtLeast(level: Finding['level'], least: Finding['level']): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(least);
}

/** A program without any cached template uses keys by hand, so patterns cannot be compared with anything. */
function unreachedPatterns({ keepers, invalidators, computedKeys }: Program): Finding[] {
  if (keepers.length === 0) return [];
  const templates = keepers.map(({ template }) => template);
  return invalidators
    .filter(({ pattern }) => !templates.some((template) => reaches(pattern, template)))
    .map((invalidator) => {
      const near = nearestName(
        invalidator.pattern.text,
        templates.map(({ text }) => text),
      );
      return {
        level: computedKeys.length === 0 ? 'error' : 'warning',
        code: 'unreached-pattern',
        message:
          `${saidBy(invalidator)} invalidates '${invalidator.pattern.text}', which no cached template can give` +
          (near === undefined ? '.' : `. Did you mean '${near}'?`),
        template: invalidator.pattern.text,
        method: invalidator.label ?? null,
      };
    });
}

function unreachedTags({ keepers, invalidations, computedKeys }: Program): Finding[] {
  const carried = keepers.flatMap(({ declaration }) =>
    declaration.tags === undefined ? [] : [declaration.tags],
  );
  const isComputed = computedKeys.length > 0 || carried.some(({ templates }) => templates.length === 0);
  if (isComputed) return [];
  const templates = carried.flatMap((tags) => tags.templates.map(parseTemplate));
  return invalidations.flatMap((declaration) => {
    const asked = declaration.tags?.templates ?? [];
    return asked
      .filter((tag) => !templates.some((template) => reaches(parsePattern(tag), template)))
      .map((tag): Finding => {
        const method = labelOf(declaration);
        return {
          level: 'error',
          code: 'unreached-tag',
          message: `${method} invalidates the tag '${tag}', which no cached method gives its entries.`,
          template: tag,
          method,
        };
      });
  });
}

function events({ invalidations, config }: Program): Finding[] {
  return invalidations.flatMap((declaration): Finding[] => {
    const { event } = declaration;
    if (event === undefined) return [];
    const method = labelOf(declaration);
    const patterns = config.events.get(event.event);
    if (patterns === undefined) {
      const near = nearestName(event.event, config.events.keys());
      const hint = near === undefined ? '.' : `. Did you mean '${near}'?`;
      return [
        {
          level: 'error',
          code: 'unknown-event',
          message: `${method} stands for the event '${event.event}', which the configuration does not have${hint}`,
          template: null,
          method,
        },
      ];
    }
    const { names } = event;
    if (names === undefined) return [];
    return patterns.map(parsePattern).flatMap(({ text, placeholders }) => {
      const missing = placeholders.filter(
        ({ source, name, optional }) => source !== 'ctx' && !optional && !names.includes(name),
      );
      return missing.map(
        (placeholder): Finding => ({
          level: 'error',
          code: 'unfillable-event',
          message:
            `${method} stands for the event '${event.event}', whose '${text}' needs ${placeholder.text}: it has no ` +
            `parameter of that name (${names.join(', ') || 'none at all'}). Rename the parameter, or give 'data'.`,
          template: text,
          method,
        }),
      );
    });
  });
}

function presets({ keepers, config }: Program): Finding[] {
  return keepers.flatMap(({ declaration, label, template }): Finding[] => {
    try {
      ttlOf(declaration.storing, config, label);
      return [];
    } catch (error) {
      if (!(error instanceof TiercelError)) throw error;
      const { message } = error;
      return [{ level: 'error', code: 'unknown-preset', message, template: template.text, method: label }];
    }
  });
}

/** Keys that a function computes are not seen here; their calls reject. */
function contexts({ keepers, config }: Program): Finding[] {
  return keepers.flatMap(({ declaration, label, template }): Finding[] => {
    const missing = declaration.shared ? [] : missingContext(template.placeholders, config.requireContext);
    if (missing.length === 0) return [];
    const { message } = contextRequired(label, template.text, missing);
    return [{ level: 'error', code: 'context-missing', message, template: template.text, method: label }];
  });
}

function putAndInvalidate({ keepers, invalidators }: Program): Finding[] {
  const puts = keepers.filter(({ declaration }) => declaration.kind === 'put');
  return puts.flatMap(({ declaration, label, template }) =>
    invalidators
      .filter((one) => one.declaration?.method === declaration.method && reaches(one.pattern, template))
      .map(
        ({ pattern }): Finding => ({
          level: 'warning',
          code: 'put-and-invalidate',
          message: `${label} stores '${template.text}' and invalidates '${pattern.text}': the invalidation wins, and nothing is stored if both match a key.`,
          template: template.text,
          method: label,
        }),
      ),
  );
}

/**
 * An override that shares the template of the method it overrides is intended, and so is a bulk method that shares the
 * entries of the method of one element.
 */
function overlaps({ keepers }: Program): Finding[] {
  const readers = keepers.filter(({ declaration }) => declaration.kind === 'cacheable');
  return readers.flatMap((one, index) =>
    readers
      .slice(index + 1)
      .filter((other) => overlap(one, other))
      .map((other): Finding => {
        const same = shape(one.template) === shape(other.template);
        return {
          level: 'warning',
          code: 'overlapping-templates',
          message: same
            ? `${one.label} and ${other.label} share the entries of '${one.template.text}': each is served what the other has stored.`
            : `${one.label} and ${other.label} keep entries under '${one.template.text}' and '${other.template.text}', which can give one key.`,
          template: other.template.text,
          method: other.label,
        };
      }),
  );
}

function overlap(one: Keeper, other: Keeper): boolean {
  const isOverride =
    one.declaration.method.name === other.declaration.method.name &&
    one.template.text === other.template.text;
  return (
    one.declaration.method !== other.declaration.method &&
    !isOverride &&
    (one.declaration.bulk === undefined) === (other.declaration.bulk === undefined) &&
    reaches(parsePattern(one.template.text), other.template)
  );
}

function broadPatterns({ invalidators, keepers }: Program): Finding[] {
  const templates = [...new Map(keepers.map(({ template }) => [template.text, template])).values()];
  const seen = new Set<Pattern>();
  return invalidators.flatMap((invalidator): Finding[] => {
    const { pattern, label } = invalidator;
    if (seen.has(pattern)) return [];
    seen.add(pattern);
    const reached = templates.filter((template) => reaches(pattern, template));
    const about = {
      level: 'warning',
      code: 'broad-pattern',
      template: pattern.text,
      method: label ?? null,
    } as const;
    const families = new Set(reached.map(({ segments }) => text(segments[0]!)));
    if (typeof pattern.segments[0] === 'symbol' && families.size > 1) {
      const list = reached.map((template) => `'${template.text}'`).join(', ');
      return [
        {
          ...about,
          message: `${saidBy(invalidator)}: '${pattern.text}' begins with a wildcard and takes ${list}.`,
        },
      ];
    }
    return reached.flatMap((template) => {
      const value = acceptedLiteral(pattern, template);
      if (value === undefined) return [];
      const [placeholder, literal] = value;
      return [
        {
          ...about,
          message: `${saidBy(invalidator)}: if ${placeholder} is '${literal}', '${pattern.text}' also takes '${template.text}'.`,
        },
      ];
    });
  });
}

/** A placeholder of the pattern at the position of a literal of the template. */
function acceptedLiteral(pattern: Pattern, template: Template): [string, string] | undefined {
  for (const [index, segment] of pattern.segments.entries()) {
    const given = template.segments[index];
    if (typeof segment === 'object' && typeof given === 'string') return [segment.text, given];
  }
  return undefined;
}

function neverInvalidated({ keepers, invalidators, invalidations }: Program): Finding[] {
  const byTag = invalidations.some(({ tags }) => tags !== undefined);
  const written = keepers.filter(({ declaration }) => declaration.kind === 'put');
  return keepers
    .filter(
      ({ declaration, template }) =>
        declaration.kind === 'cacheable' &&
        !(byTag && declaration.tags !== undefined) &&
        !invalidators.some(({ pattern }) => reaches(pattern, template)) &&
        !written.some((put) => reaches(parsePattern(put.template.text), template)),
    )
    .map(
      ({ label, template }): Finding => ({
        level: 'info',
        code: 'never-invalidated',
        message: `Nothing that is declared invalidates or replaces '${template.text}' of ${label}: only its ttl bounds its age.`,
        template: template.text,
        method: label,
      }),
    );
}

function putsByResult({ keepers }: Program): Finding[] {
  return keepers.flatMap(({ declaration, label, template }): Finding[] => {
    const byResult = template.placeholders.some(({ source }) => source === 'result');
    if (declaration.kind !== 'put' || declaration.created || !byResult) return [];
    return [
      {
        level: 'info',
        code: 'put-by-result',
        message: `${label} invalidates '${template.text}' and does not store it: the key is not known before the result. If the method creates what the key names, write created: true.`,
        template: template.text,
        method: label,
      },
    ];
  });
}

function saidBy({ label, event }: Invalidator): string {
  if (label === undefined) return `The event '${event}'`;
  return event === undefined ? label : `${label}, by the event '${event}',`;
}

/** A template without the names of its placeholders. */
function shape({ segments }: Template): string {
  return segments.map(text).join(':');
}

function text(segment: PatternSegment): string {
  return typeof segment === 'string' ? segment : '<>';
}
