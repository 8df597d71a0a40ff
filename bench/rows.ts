/**
 * The table: for each figure what the first stage of the project had, what must be reached, and what is aimed at. Figures
 * are ratios to hand-written code, unless the row has a unit. Less is better, unless it says otherwise.
 */
export interface Row {
  readonly firstStage?: string;
  readonly must?: number;
  readonly aim?: number;
  readonly unit?: 'us' | 'ms' | 'bytes';
  readonly isMoreBetter?: boolean;
}

export const ROWS: Readonly<Record<string, Row>> = {
  'decorated L1 hit, with Redis': { firstStage: '1.8', must: 1.1, aim: 0.85 },
  'the same, ids are new strings, with Redis': { firstStage: '1.7 to 2.0', must: 1.1, aim: 0.96 },
  'decorated L1 hit, without Redis': { firstStage: '1.5', must: 1.1, aim: 0.85 },
  'the same, ids are new strings, without Redis': { must: 1.1, aim: 0.96 },
  'cache.get, L1 hit': { firstStage: '5.7', must: 1.7, aim: 1.35 },
  'cache.getOrSet, L1 hit': { firstStage: '3.7', must: 1.7, aim: 1.35 },
  'peek, L1 hit': { firstStage: '1.4 to 1.7', must: 1.4, aim: 1.25 },
  'promises per decorated L1 hit': { firstStage: '1', must: 1, aim: 1 },
  'L2 hit, exact, alone': { firstStage: '1.6', must: 1.3, aim: 1.18 },
  'L2 hit, usual, alone': { firstStage: '1.4', must: 1.25, aim: 1.1 },
  'L2 hit, exact, 64 at a time': { firstStage: '1.6', must: 0.8, aim: 0.6 },
  'L2 hit, usual, 64 at a time': { firstStage: '1.5', must: 0.8, aim: 0.6 },
  'miss: round trips until the call returns': { firstStage: '3', must: 2, aim: 2 },
  'miss, alone': { firstStage: '2.0 to 2.4', must: 1.7, aim: 1.45 },
  'miss, 64 at a time': {},
  '1 load, then 3 reads 5 ms apart: L1 hits': { firstStage: '2', must: 3, aim: 3, isMoreBetter: true },
  '1 load, then 3 reads 2 ms apart: L1 hits': { firstStage: '2', aim: 3, isMoreBetter: true },
  'getMany of 100': {},
  'getMany of 10,000': {},
  put: {},
  delete: {},
  'group over 1,000,000 entries : over 1,000': {},
  'set, without Redis': { firstStage: '25', must: 8, aim: 4 },
  'delete, without Redis': {},
  'a miss without Redis, besides its load': { firstStage: '7 to 10', must: 3, aim: 2, unit: 'us' },
  'bytes of an L1 entry': { firstStage: '819', must: 250, aim: 180, unit: 'bytes' },
  'the same, with a group of its own': { unit: 'bytes' },
  'L1 hit with 1,000,000 entries : with 1,000': {},
  "require('tiercel') beyond ioredis and lru-cache": { firstStage: '45', must: 25, aim: 12, unit: 'ms' },
};

/** Whether a value reaches a bound; true where there is none. */
export function reaches(value: number, bound: number | undefined, isMoreBetter = false): boolean {
  if (bound === undefined) return true;
  return isMoreBetter ? value >= bound : value <= bound;
}
