/**
 * The entry points to the static check and the map of one cache. Both read the declarations at each call, as classes may
 * be defined after the cache was made.
 */
import type { ResolvedConfig } from '../../config/resolved';
import type { CacheMap, CheckOptions, DeclaredProgram, Finding, MapFormat } from '../../contract/declared';
import { CheckError } from '../../contract/errors';
import type { Declaration } from '../../registry/declarations';
import type { DecoratedCache } from '../../registry/default-cache';
import { checkProgram, isAtLeast } from './check';
import { mapOf } from './map';
import { keyTableOf, mermaidOf, tableOf } from './map-text';
import { type Program, programOf } from './program';
import type { Strategies } from './strategies';

const FORMATS: Readonly<Record<MapFormat, (map: CacheMap) => string>> = {
  mermaid: mermaidOf,
  table: tableOf,
  keys: keyTableOf,
};

export function declaredProgram(
  config: ResolvedConfig,
  declarations: () => readonly Declaration[],
  cache: () => DecoratedCache,
  strategies: Strategies,
): DeclaredProgram {
  const program = (): Program => programOf(config, declarations(), cache(), strategies.keepers);
  function map(): CacheMap;
  function map(format: MapFormat): string;
  function map(format?: MapFormat): CacheMap | string {
    const data = mapOf(program());
    return format === undefined ? data : FORMATS[format](data);
  }
  return {
    map,
    check({ failOn }: CheckOptions): readonly Finding[] {
      const findings = checkProgram(program());
      const failures = failOn === undefined ? [] : findings.filter(({ level }) => isAtLeast(level, failOn));
      if (failures.length > 0) throw new CheckError(failures);
      return findings;
    },
  };
}
