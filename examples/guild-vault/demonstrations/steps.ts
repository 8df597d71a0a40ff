/** One change for each method of the invalidator, with what it alters and what it must leave in the cache. */
import type { Change, View } from '../services/guild-services';
import { ALICE, BOB, CAROL, GUILD, OTHER_GUILD, OTHER_WALLET, WALLET } from './population';

export interface Step {
  readonly method: string;
  readonly change: Change;
  /** What the change alters. */
  readonly concerned: readonly View[];
  /** Near enough to be caught by a pattern that is too wide. */
  readonly bystanders: readonly View[];
}

export const STEPS: readonly Step[] = [
  {
    method: 'onUserVaultUpdate',
    change: ['deposit', ALICE, 250],
    concerned: [['vault', ALICE]],
    bystanders: [['vault', BOB]],
  },
  {
    method: 'onUserScoreUpdate',
    change: ['addScore', ALICE, GUILD, 50],
    concerned: [
      ['position', ALICE, GUILD],
      ['leaderboard', GUILD],
    ],
    bystanders: [
      ['position', BOB, GUILD],
      ['leaderboard', OTHER_GUILD],
    ],
  },
  {
    method: 'onGuildLeaderboardChange',
    change: ['startSeason', GUILD],
    concerned: [
      ['leaderboard', GUILD],
      ['position', ALICE, GUILD],
      ['position', BOB, GUILD],
    ],
    bystanders: [
      ['leaderboard', OTHER_GUILD],
      ['position', ALICE, OTHER_GUILD],
    ],
  },
  {
    method: 'onTenantConfigUpdate',
    change: ['setFee', GUILD, 2],
    concerned: [['config', GUILD]],
    bystanders: [
      ['config', OTHER_GUILD],
      ['leaderboard', GUILD],
    ],
  },
  {
    method: 'onBalanceChange',
    change: ['transfer', WALLET, 7],
    concerned: [['balance', WALLET.toLowerCase()]],
    bystanders: [['balance', OTHER_WALLET]],
  },
  {
    method: 'onChainReorg',
    change: ['reorganize'],
    concerned: [
      ['balance', WALLET],
      ['balance', OTHER_WALLET],
    ],
    bystanders: [['vault', ALICE]],
  },
  {
    method: 'onBulkUserUpdate',
    change: ['depositForAll', [ALICE, BOB], 10],
    concerned: [
      ['vault', ALICE],
      ['vault', BOB],
    ],
    bystanders: [['vault', CAROL]],
  },
  {
    method: 'writeThrough',
    change: ['purchase', ALICE, 30],
    concerned: [['vault', ALICE]],
    bystanders: [['vault', BOB]],
  },
];
