/**
 * `requireContext`: which properties of the context a template lacks, and the error that says so.
 */
import { ContextRequiredError } from '../contract/errors';
import type { Placeholder } from './placeholder-syntax';

export function missingContext(
  placeholders: readonly Placeholder[],
  required: readonly string[],
): readonly string[] {
  return required.filter(
    (name) => !placeholders.some(({ source, path }) => source === 'ctx' && path.join('.') === name),
  );
}

/** @param template undefined if a function computes the keys */
export function contextRequired(
  label: string,
  template: string | undefined,
  missing: readonly string[],
): ContextRequiredError {
  const wanted = missing.map((name) => `<ctx.${name}>`).join(', ');
  return new ContextRequiredError({
    subject: label,
    expected: `${wanted} in its key template`,
    got: template === undefined ? 'a function' : `'${template}'`,
    remedy: 'Add it, or write shared: true if the entries belong to everybody.',
  });
}
