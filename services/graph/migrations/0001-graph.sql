-- One row a person: what is counted of them, and the lock under which everything beneath their key changes.
create table graph_counts (
  user_id bigint primary key check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  -- Moves by event, for the follower lives on another shard: may be below zero while a removal overtakes its follow.
  follower_count bigint not null default 0,
  following_count bigint not null default 0 check (following_count >= 0),
  post_count bigint not null default 0,
  -- Raised with every edge, mute and block beneath this key.
  following_version bigint not null default 0,
  -- Set for good when the account is deleted, so that what arrives late counts nothing.
  deleted_at timestamptz(3)
);
create index graph_counts_popular on graph_counts (follower_count desc, user_id) where follower_count > 0;

create table follows (
  follower_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, follower_id)),
  following_id bigint not null,
  status varchar(20) not null check (status in ('accepted', 'pending')),
  -- When it was accepted; of a request: when it was made.
  created_at timestamptz(3) not null default now(),
  primary key (follower_id, following_id),
  check (follower_id <> following_id)
);
create index follows_followers_by_key on follows (following_id, follower_id) where status = 'accepted';
create index follows_followers_newest on follows (following_id, created_at, follower_id) where status = 'accepted';
create index follows_following_newest on follows (follower_id, created_at, following_id) where status = 'accepted';
create index follows_requests_by_key on follows (following_id, follower_id) where status = 'pending';
create index follows_requests on follows (following_id, created_at, follower_id) where status = 'pending';

-- A block stands once under each person's key. The blocker's own row is the truth, the other's repeats it.
create table blocks (
  owner_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, owner_id)),
  other_id bigint not null,
  kind varchar(10) not null check (kind in ('blocking', 'blocked_by')),
  created_at timestamptz(3) not null default now(),
  primary key (owner_id, other_id, kind)
);
create index blocks_newest on blocks (owner_id, created_at, other_id) where kind = 'blocking';
-- For the deletion of an account alone.
create index blocks_by_other on blocks (other_id);

create table mutes (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  muted_id bigint not null,
  created_at timestamptz(3) not null default now(),
  primary key (user_id, muted_id)
);
create index mutes_newest on mutes (user_id, created_at, muted_id);
-- For the deletion of an account alone.
create index mutes_by_muted on mutes (muted_id);

-- Work to be done once more after a while, for a change that raced with its first run.
create table graph_repairs (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  kind varchar(20) not null check (kind in ('opened', 'deleted')),
  due_at timestamptz(3) not null,
  primary key (user_id, kind)
);
create index graph_repairs_due on graph_repairs (due_at);
