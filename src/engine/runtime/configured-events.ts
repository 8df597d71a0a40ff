/**
 * The events of the configuration: a name stands for the patterns that it invalidates.
 */
import { nearestName } from '../../config/nearest-name';
import type { BindEventData } from '../../contract/engine';
import { UnknownEventError } from '../../contract/errors';
import { bindPattern, type Pattern, parsePattern } from '../../keys/pattern';
import type { Ambient } from '../../keys/value-text';

export class Events {
  readonly #patterns: ReadonlyMap<string, readonly Pattern[]>;

  constructor(events: ReadonlyMap<string, readonly string[]>) {
    this.#patterns = new Map([...events].map(([name, texts]) => [name, texts.map(parsePattern)]));
  }

  /**
   * One function per pattern of the event, which binds data to it or throws MissingValueError and the other errors of values.
   * @throws UnknownEventError (`TIERCEL_UNKNOWN_EVENT`)
   */
  find(event: string, from: Ambient): readonly BindEventData[] {
    const patterns = this.#patterns.get(event);
    if (patterns !== undefined) return patterns.map((pattern) => (data) => bindPattern(pattern, data, from));
    const names = [...this.#patterns.keys()];
    const near = nearestName(event, names);
    throw new UnknownEventError({
      subject: event,
      expected:
        names.length === 0 ? 'an event of the configuration, which has none' : `one of ${names.join(', ')}`,
      got: `'${event}'`,
      ...(near === undefined ? {} : { remedy: `Did you mean '${near}'?` }),
    });
  }
}
