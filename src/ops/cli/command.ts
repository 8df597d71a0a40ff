/** What a command of `tiercel` is, what it leaves behind, and what commands have in common. */
import type { ParseArgsConfig } from 'node:util';

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Terminal {
  /** Whether a person reads the output: colours, and questions. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What the person answers. */
  ask(question: string): Promise<string>;
}

export interface CommandResult {
  /** 0: all is well. 1: something was found. 2: the command could not be carried out. */
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
  /** Ask again after so many ms, until the user ends the command. */
  readonly againMs?: number;
}

export interface Command {
  readonly name: string;
  readonly group: 'Before anything runs' | 'A running service' | 'Redis';
  /** The arguments, as in `check [module]`. */
  readonly synopsis: string;
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** A line for each option: its form, and its meaning. */
  readonly help: readonly (readonly [form: string, meaning: string])[];
  run(positionals: readonly string[], values: Values, terminal: Terminal): Promise<CommandResult>;
}

export const JSON_OPTION = { json: { type: 'boolean' } } as const;
export const JSON_HELP = ['--json', 'The same as data.'] as const;

/** The command cannot be carried out: the message says why, and what to do. */
export class CommandError extends Error {}

export function done(out: string, code: CommandResult['code'] = 0): CommandResult {
  return { code, out, err: '' };
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @throws CommandError if the option has another value */
export function choiceOf<Choice extends string>(
  values: Values,
  name: string,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  const given = values[name] ?? fallback;
  const choice = choices.find((one) => one === given);
  if (choice === undefined) throw new CommandError(`--${name} is one of ${choices.join(', ')}.`);
  return choice;
}
