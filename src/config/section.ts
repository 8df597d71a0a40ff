/**
 * Reads one object of a configuration, option by option. A wrong option is noted and its fallback returned, so that
 * one pass finds everything that is wrong. Knows kinds of values (whole numbers, durations, choices), not options.
 */
import type { ConfigProblem } from '../contract/errors';
import { TiercelError } from '../contract/errors';
import { describe } from './describe';
import { durationMs, LONGEST_TIMER_MS } from './durations';
import { nearestName } from './nearest-name';

export class Section {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  /** `path` is empty for the configuration itself. A `value` that is left out reads as an empty section. */
  constructor(
    value: unknown,
    readonly path: string,
    readonly problems: ConfigProblem[],
    expected = 'an object',
  ) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value !== undefined && !isObject) {
      problems.push({ path: path || 'the configuration', expected, got: describe(value) });
    }
    this.#values = isObject ? (value as Record<string, unknown>) : {};
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** The option as it stands, unchecked. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#values[name];
  }

  /** The names that the user chose, if a section is a map. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  problem(name: string, expected: string, got: string): void {
    this.problems.push({ path: this.pathOf(name), expected, got });
  }

  section(name: string, expected?: string): Section {
    return new Section(this.value(name), this.pathOf(name), this.problems, expected);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.problem(name, 'true or false', describe(value));
    return fallback;
  }

  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.value(name);
    if (value === undefined) return fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    this.problem(name, `one of ${quoted(choices)}`, describe(value));
    return fallback;
  }

  /** A number within two bounds, both included; by default a whole one. */
  number<T extends number | undefined>(
    name: string,
    { from, to, whole = true, fallback }: { from: number; to: number; whole?: boolean; fallback: T },
  ): number | T {
    const value = this.value(name);
    if (value === undefined) return fallback;
    const fits = typeof value === 'number' && value >= from && value <= to;
    if (fits && (!whole || Number.isInteger(value))) return value;
    this.problem(name, `${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`, describe(value));
    return fallback;
  }

  /** A whole number that may be a string, as it comes from the environment. An empty string counts as left out. */
  numeral<T extends number | undefined>(
    name: string,
    { from, to, fallback }: { from: number; to: number; fallback: T },
  ): number | T {
    const value = this.value(name);
    if (value === undefined || value === '') return fallback;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= from && number <= to;
    if (fits) return number;
    this.problem(name, `a whole number from ${from} to ${to}`, describe(value));
    return fallback;
  }

  /** A string. An empty one, as it comes from the environment, counts as left out. A wrong value is not shown. */
  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') return value;
    this.problem(name, 'a string', `a value of type ${typeof value}`);
    return undefined;
  }

  /** Milliseconds of a time to live: seconds or a duration. */
  ttl(name: string, fallbackMs: number): number {
    const value = this.value(name);
    if (value === undefined) return fallbackMs;
    return this.attempt(() => durationMs(value, this.pathOf(name), 'seconds')) ?? fallbackMs;
  }

  /** Milliseconds for a timer: a duration with its unit. */
  duration(name: string, fallbackMs: number, leastMs = 1): number {
    const value = this.value(name);
    if (value === undefined) return fallbackMs;
    const ms = this.attempt(() => durationMs(value, this.pathOf(name)));
    if (ms === undefined) return fallbackMs;
    if (ms >= leastMs && ms <= LONGEST_TIMER_MS) return ms;
    this.problem(name, `a duration from '${leastMs}ms' to '24d'`, describe(value));
    return fallbackMs;
  }

  /** Runs a reader that throws coded errors, and notes the error as a problem of `path`, or of what the error is about. */
  attempt<T>(read: () => T, path?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TiercelError)) throw error;
      const { subject, expected, got } = error;
      this.problems.push({ path: path ?? subject ?? this.path, expected, got });
      return undefined;
    }
  }

  /** Call it when every option has been read: any other name is a mistake. */
  refuseOthers(): void {
    for (const name of Object.keys(this.#values)) {
      if (this.#asked.has(name)) continue;
      const near = nearestName(name, this.#asked);
      const expected = near === undefined ? `one of ${[...this.#asked].join(', ')}` : `'${near}'`;
      this.problem(name, expected, 'an unknown option');
    }
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
