/** Keys and patterns beside those of the report. */
import { CacheKeys, cacheKey, InvalidationPatterns } from '../cache-keys';
import type { Presentation } from '../presentation';
import { ALICE, GUILD, WALLET } from './population';

const KEYS: readonly (readonly [call: string, text: string, report: string])[] = [
  ['userVault(12345)', CacheKeys.userVault(ALICE), 'vault:user:12345'],
  ['userPosition(12345, 67890)', CacheKeys.userPosition(ALICE, GUILD), 'lb:user:12345:guild:67890'],
  ['guildLeaderboard(67890)', CacheKeys.guildLeaderboard(GUILD), 'lb:guild:67890'],
  ['tenantConfig(67890)', CacheKeys.tenantConfig(GUILD), 'cfg:guild:67890'],
  [
    'rpcBalance(0xABCDef01…)',
    CacheKeys.rpcBalance(WALLET),
    'rpc:wallet:0xabcdef0123456789abcdef0123456789abcdef01',
  ],
  ["cacheKey('gen', 'val', 7, 'v2')", cacheKey('gen', 'val', 7, 'v2'), 'gen:val:7:v2'],
];

const PATTERNS: readonly (readonly [call: string, patterns: readonly string[]])[] = [
  ['allForUser(12345)', InvalidationPatterns.allForUser(ALICE)],
  ['guildLeaderboard(67890)', InvalidationPatterns.guildLeaderboard(GUILD)],
  ['allRpc()', InvalidationPatterns.allRpc()],
  ["namespace('vault')", InvalidationPatterns.namespace('vault')],
];

export function showKeys(presentation: Presentation): void {
  presentation.heading('Keys and patterns');
  for (const [call, text, report] of KEYS) {
    presentation.promise(`${call.padEnd(34)}${text}`, text === report);
  }
  for (const [call, patterns] of PATTERNS) presentation.line(`  ${call.padEnd(34)}${patterns.join('  ')}`);
}
