/** The options of the command line, read and checked. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Go on after the scenario. */
  readonly serve: boolean;
  /** 0: any free one. */
  readonly port: number;
}

export const USAGE = `Usage: npm run example:nestjs -- [options]

  --serve      go on after the scenario, until Ctrl+C
  --port <n>   where to listen (any free port)

REDIS_URL says which Redis to use. Without it, redis-server or valkey-server from the PATH is started for the run.
CACHE_TOKEN says which token changes the cache. Without it, one is made for the run.
`;

/** `undefined` if they make no sense. */
export function readOptions(args: readonly string[]): Options | undefined {
  try {
    const options = {
      serve: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
    } as const;
    const { serve, port } = parseArgs({ args: [...args], options }).values;
    return /^\d{1,5}$/.test(port) && Number(port) <= 65_535 ? { serve, port: Number(port) } : undefined;
  } catch {
    return undefined;
  }
}
