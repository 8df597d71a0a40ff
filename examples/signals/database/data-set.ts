/**
 * Generates the rows that the platform starts with, the same for the same seed. A few providers have most of the
 * followers and signals, as on any platform.
 */
import { Random, Zipf } from '../simulation/random';
import type { Database } from './database';
import { SCHEMA } from './schema';

const USERS = 1_000;
const PROVIDERS = 200;
const FOLLOWED = 5;
const SIGNALS = 10_000;
const TRADES = 10_000;
const DAYS = 90;
const OPEN_SHARE = 0.1;
const COINS = [
  'BTC',
  'ETH',
  'SOL',
  'XRP',
  'ADA',
  'DOT',
  'LTC',
  'BNB',
  'AVAX',
  'LINK',
  'ATOM',
  'NEAR',
] as const;
const CURRENCIES = ['USD', 'EUR', 'GBP'] as const;

/** What the traffic needs to know: who and what there is. Lists are in order of popularity. */
export interface Population {
  readonly userIds: readonly string[];
  readonly providerIds: readonly string[];
  readonly assetPairs: readonly string[];
  readonly signalIds: readonly string[];
  readonly openSignalIds: readonly string[];
  /** Ids of the followers of each provider, by the id of the provider. They do not change during a run. */
  readonly followers: ReadonlyMap<string, readonly string[]>;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Creates the tables of an empty database and fills them. */
export async function createDataSet(database: Database, seed: number): Promise<Population> {
  const random = new Random(seed).fork('data set');
  const popularity = new Zipf(PROVIDERS, 0.5);
  const userIds = Array.from({ length: USERS }, (_, index) => `u${index + 1}`);
  const providerIds = Array.from({ length: PROVIDERS }, (_, index) => `p${index + 1}`);
  const assetPairs = COINS.flatMap((coin) => CURRENCIES.map((currency) => `${coin}/${currency}`));
  const follows = userIds.flatMap((user_id) => {
    const followed = new Set<number>();
    while (followed.size < FOLLOWED) followed.add(popularity.draw(random));
    return [...followed].map((rank) => ({ user_id, provider_id: providerIds[rank]! }));
  });
  const signals = Array.from({ length: SIGNALS }, (_, index) => {
    const open = random.chance(OPEN_SHARE);
    const entry = round(random.between(1, 1_000));
    const gain = round(random.between(-10, 12));
    return {
      id: `s${index + 1}`,
      provider_id: providerIds[popularity.draw(random)],
      asset_pair: random.pick(assetPairs),
      direction: random.pick(['long', 'short']),
      entry_price: entry,
      exit_price: open ? null : round(entry * (1 + gain / 100)),
      return_percent: open ? null : gain,
      status: open ? 'open' : 'closed',
      published: index + 1,
      revision: index + 1,
    };
  });
  const trades = Array.from({ length: TRADES }, (_, index) => {
    const signal = random.pick(signals);
    return {
      user_id: random.pick(userIds),
      signal_id: signal.id,
      quantity: round(random.between(0.1, 10)),
      price: signal.entry_price,
      revision: SIGNALS + index + 1,
    };
  });
  const tables = {
    users: userIds.map((id) => ({ id, name: `User ${id.slice(1)}` })),
    providers: providerIds.map((id) => ({
      id,
      name: `Provider ${id.slice(1)}`,
      bio: `Trading since ${2_005 + random.below(20)}.`,
      profile_revision: 0,
      activity_revision: 0,
    })),
    ratings: providerIds.map((provider_id) => ({
      provider_id,
      subscribers: random.below(5_000),
      risk_score: 1 + random.below(10),
      revision: 0,
    })),
    follows,
    signals,
    trades,
    prices: assetPairs.map((asset_pair) => {
      const bid = round(random.between(1, 1_000));
      return { asset_pair, bid, ask: round(bid * 1.001), revision: 0 };
    }),
    candles: assetPairs.flatMap((asset_pair) => candles(asset_pair, random)),
  };

  await database.rows(SCHEMA);
  for (const [table, rows] of Object.entries(tables)) {
    await database.rows(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows),
    ]);
  }
  await database.rows("select setval('changes', $1)", [SIGNALS + TRADES]);
  await database.rows('analyze');
  return {
    userIds,
    providerIds,
    assetPairs,
    signalIds: signals.map(({ id }) => id),
    openSignalIds: signals.filter(({ status }) => status === 'open').map(({ id }) => id),
    followers: idsByProvider(follows),
    rows: Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length])),
  };
}

function idsByProvider(follows: readonly { readonly user_id: string; readonly provider_id: string }[]) {
  const ids = new Map<string, string[]>();
  for (const { user_id, provider_id } of follows) {
    const followers = ids.get(provider_id);
    if (followers === undefined) ids.set(provider_id, [user_id]);
    else followers.push(user_id);
  }
  return ids;
}

function candles(asset_pair: string, random: Random) {
  let close = random.between(1, 1_000);
  return Array.from({ length: DAYS }, (_, index) => {
    const open = close;
    close = open * random.between(0.95, 1.05);
    const day = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
    return {
      asset_pair,
      day,
      open: round(open),
      high: round(Math.max(open, close) * random.between(1, 1.02)),
      low: round(Math.min(open, close) * random.between(0.98, 1)),
      close: round(close),
    };
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
