/** The problems that a configuration is refused for; empty where it is accepted. */
import type { CacheConfig } from '../../src/config/cache-config';
import { defineCacheConfig } from '../../src/config/define';
import { ConfigError, type ConfigProblem } from '../../src/contract/errors';

export function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    defineCacheConfig(config as CacheConfig);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
