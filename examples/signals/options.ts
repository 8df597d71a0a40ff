/** The options of the command line, read and checked. */
import { parseArgs } from 'node:util';

export interface Options {
  /** How long the traffic runs. */
  readonly seconds: number;
  /** Of the data set and of the traffic. */
  readonly seed: number;
  /** At the same time. */
  readonly visitors: number;
  /** Where to serve the dashboard until somebody interrupts, 0 being any free port; undefined: not at all. */
  readonly port: number | undefined;
}

export const USAGE = `Usage: npm run example -- [options]

  --seconds <n>    how long the traffic runs, 1 to 600 (5)
  --visitors <n>   how many there are at a time, 1 to 1000 (16)
  --seed <n>       of the data set and the traffic (42)
  --serve [port]   serve the endpoints and the dashboard, and go on until Ctrl+C (any free port)

REDIS_URL says which Redis to use. Without it, redis-server or valkey-server from the PATH is started for the run.
CACHE_TOKEN says which token changes the cache. Without it, one is made for the run.
`;

export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const [port, ...more] = positionals;
  const [unknown] = values.serve ? more : positionals;
  if (unknown !== undefined) throw new UsageError(`'${unknown}' is no option.`);
  return {
    seconds: wholeNumber('seconds', values.seconds, 1, 600),
    visitors: wholeNumber('visitors', values.visitors, 1, 1_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1),
    port: values.serve ? wholeNumber('serve', port ?? '0', 0, 65_535) : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        seconds: { type: 'string', default: '5' },
        visitors: { type: 'string', default: '16' },
        seed: { type: 'string', default: '42' },
        serve: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not '${text}'.`);
}
