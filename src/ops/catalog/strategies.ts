/**
 * The strategies of one cache, as what they declare: which entries they keep. Made again, with the same label over the
 * same template, a strategy is the same one.
 */
import type { ReadingOptions } from '../../config/options';
import { parseTemplate } from '../../keys/template';
import { MethodIdentity } from '../../registry/method-identity';
import type { Keeper } from './program';

interface StrategyDeclaration {
  readonly label: string;
  readonly template: string;
  readonly storing: ReadingOptions;
  /** Undefined: no tags. Empty if a function computes them. */
  readonly tags: readonly string[] | undefined;
  readonly shared: boolean;
}

export class Strategies {
  readonly #keepers = new Map<string, Keeper>();

  readonly declare = ({ label, template, storing, tags, shared }: StrategyDeclaration): void => {
    this.#keepers.set(`${template} ${label}`, {
      label,
      declaration: {
        kind: 'cacheable',
        method: new MethodIdentity(label),
        storing,
        shared,
        tags: tags && { templates: tags },
      },
      template: parseTemplate(template),
    });
  };

  get keepers(): readonly Keeper[] {
    return [...this.#keepers.values()];
  }

  get templates(): readonly string[] {
    return this.keepers.map(({ template }) => template.text);
  }
}
