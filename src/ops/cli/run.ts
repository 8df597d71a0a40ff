/**
 * From arguments to what is printed: finds the command, reads its options, and says how it went. It prints nothing itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nearestName } from '../../config/nearest-name';
import { aligned } from '../catalog/map-text';
import { type Command, CommandError, type CommandResult, done, type Terminal } from './command';
import { doctor } from './doctor';
import { explain } from './explain';
import { check, keys, map } from './inspect';
import { clear, health, invalidate, report, top } from './operate';

const COMMANDS: readonly Command[] = [
  check,
  map,
  keys,
  top,
  health,
  report,
  explain,
  invalidate,
  clear,
  doctor,
];

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

export async function run(args: readonly string[], terminal: Terminal): Promise<CommandResult> {
  const [name, ...rest] = args;
  if (name === undefined) return { code: 2, out: '', err: `No command.\n\n${overview()}` };
  if (name === '--help' || name === '-h' || name === 'help') return done(overview());
  if (name === '--version' || name === '-v') return done(`${version()}\n`);
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return unknown(name);
  try {
    const options = { ...command.options, ...HELP };
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
    if (values['help'] === true) return done(helpOf(command));
    return await command.run(positionals, values, terminal);
  } catch (error) {
    const isMisuse = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    if (!isMisuse && !(error instanceof CommandError)) throw error;
    const hint = `Run tiercel ${name} --help for what it takes.`;
    return { code: 2, out: '', err: `${(error as Error).message}\n${isMisuse ? `${hint}\n` : ''}` };
  }
}

function unknown(name: string): CommandResult {
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  return { code: 2, out: '', err: `No such command: ${name}.${meant}\n\n${overview()}` };
}

function overview(): string {
  const groups = [...new Set(COMMANDS.map(({ group }) => group))].map((group) => {
    const own = COMMANDS.filter((command) => command.group === group);
    return `${group}:\n${aligned(own.map(({ synopsis, summary }) => [`  ${synopsis}`, summary]))}`;
  });
  return `tiercel ${version()}

${groups.join('\n')}
Examples:
  npx tiercel check dist/main.js
  npx tiercel top --url http://localhost:8080/cache
  npx tiercel doctor redis://localhost:6379

tiercel <command> --help says what a command takes.
Exit codes: 0, all is well; 1, something was found; 2, the command could not be carried out.
`;
}

function helpOf({ synopsis, summary, help }: Command): string {
  const rows = [...help, ['--help', 'This text.'] as const].map(([form, meaning]) => [`  ${form}`, meaning]);
  return `tiercel ${synopsis}\n\n${summary}\n\n${aligned(rows)}`;
}

function version(): string {
  const file = join(__dirname, '..', '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
