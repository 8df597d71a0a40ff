/**
 * The tables. Every change takes the next number of one sequence, its revision, and leaves it at the rows that it
 * touches; a view of several rows has the highest revision among them. Each change is one statement, so that revisions
 * are in the order in which the changes became visible.
 */
export const SCHEMA = `
  create sequence changes;

  create table users (
    id text primary key,
    name text not null
  );

  create table providers (
    id text primary key,
    name text not null,
    bio text not null,
    profile_revision integer not null default 0,
    -- Of the last signal published or closed.
    activity_revision integer not null default 0
  );

  -- Set by the rating desk.
  create table ratings (
    provider_id text primary key references providers,
    subscribers integer not null,
    risk_score integer not null,
    revision integer not null default 0
  );

  create table follows (
    user_id text not null references users,
    provider_id text not null references providers,
    primary key (user_id, provider_id)
  );
  create index on follows (provider_id);

  create table signals (
    id text primary key,
    provider_id text not null references providers,
    asset_pair text not null,
    direction text not null,
    entry_price double precision not null,
    exit_price double precision,
    return_percent numeric(8, 2),
    status text not null,
    -- The revision at which it was published; never changes.
    published integer not null unique,
    revision integer not null
  );
  create index on signals (provider_id, published desc);

  create table trades (
    user_id text not null references users,
    signal_id text not null references signals,
    quantity numeric(12, 4) not null,
    price numeric(14, 4) not null,
    revision integer primary key
  );
  create index on trades (user_id);

  create table prices (
    asset_pair text primary key,
    bid double precision not null,
    ask double precision not null,
    revision integer not null default 0
  );

  create table candles (
    asset_pair text not null references prices,
    day text not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    primary key (asset_pair, day)
  );
`;
