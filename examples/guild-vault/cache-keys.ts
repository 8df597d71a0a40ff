/**
 * The names of everything that this worker caches, `{namespace}:{entityType}:{identifier}[:{version}]`, and the patterns by
 * which it is invalidated. Each is written once, here; no other file builds a key.
 */
import { defineKeys, type KeyPart } from 'tiercel';

/** vault, leaderboards, configuration, blockchain RPC, sessions, guilds, tokens, and what fits nowhere else. */
export const NAMESPACES = ['vault', 'lb', 'cfg', 'rpc', 'sess', 'guild', 'token', 'gen'] as const;
export type Namespace = (typeof NAMESPACES)[number];

/** The last three: an aggregate, a list, a single value. */
export const ENTITY_TYPES = ['user', 'guild', 'wallet', 'token', 'agg', 'list', 'val'] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

export const CacheKeys = defineKeys({
  userVault: 'vault:user:<userId>',
  userPosition: 'lb:user:<userId>:guild:<guildId>',
  guildLeaderboard: 'lb:guild:<guildId>',
  tenantConfig: 'cfg:guild:<guildId>',
  // Addresses are the same in capitals and in small letters; the entry must be, too.
  rpcBalance: 'rpc:wallet:<wallet|lower>',
});

const generic = defineKeys({
  unversioned: '<namespace>:<entityType>:<identifier>',
  versioned: '<namespace>:<entityType>:<identifier>:<version>',
});

/** A key that has no builder of its own. Its identifier is one segment, whatever it contains. */
export function cacheKey(
  namespace: Namespace,
  entityType: EntityType,
  identifier: NonNullable<KeyPart>,
  version?: NonNullable<KeyPart>,
): string {
  return version === undefined
    ? generic.unversioned(namespace, entityType, identifier)
    : generic.versioned(namespace, entityType, identifier, version);
}

/** A last `*` stands for one or more segments: what is below a key, and not the key itself. */
const patterns = defineKeys({
  ofUser: '*:user:<userId>',
  belowUser: '*:user:<userId>:*',
  belowLeaderboard: 'lb:guild:<guildId>:*',
  positionsInGuild: 'lb:user:*:guild:<guildId>',
  inNamespace: '<namespace>:*',
});

/** For the configuration: invalidating a declared pattern is one command, however many entries it has. */
export const DECLARED_PATTERNS = Object.values(patterns).map(({ template }) => template);

export const InvalidationPatterns = {
  /** In every namespace: vault, session, positions. */
  allForUser: (userId: string) => [patterns.ofUser(userId), patterns.belowUser(userId)],
  /** The leaderboard, what is below it (pages, versions), and the position of every user in it. */
  guildLeaderboard: (guildId: string) => [
    CacheKeys.guildLeaderboard(guildId),
    patterns.belowLeaderboard(guildId),
    patterns.positionsInGuild(guildId),
  ],
  allRpc: () => [patterns.inNamespace('rpc')],
  namespace: (namespace: Namespace) => [patterns.inNamespace(namespace)],
} as const;
