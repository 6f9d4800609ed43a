-- The pushed posts of each viewer. The key serves reads backwards, and makes a redelivered event add nothing.
create table feed_items (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  post_id varchar(24) collate "C" not null,
  post_user_id bigint not null,
  post_created_at timestamptz(3) not null,
  feed_score double precision not null default 0.0,
  created_at timestamptz(3) not null default now(),
  primary key (user_id, post_created_at, post_id)
);

-- One row for each feed that was ever built.
create table feed_metadata (
  user_id bigint primary key check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  last_updated timestamptz(3),
  total_items integer not null default 0,
  is_stale boolean not null default false,
  -- Raised by every mark: a rebuild takes back only the marks that it saw when it began.
  stale_version bigint not null default 0,
  -- Whom the viewer followed when this was built; null before the first build.
  following_version bigint,
  -- The oldest position down to which feed_items hold everything; null: they hold the whole feed.
  floor_created_at timestamptz(3),
  floor_post_id varchar(24) collate "C"
);

-- Push or pull, decided once per post, and how far a push has come. Beneath the author.
create table feed_deliveries (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  post_id varchar(24) collate "C" not null,
  post_created_at timestamptz(3) not null,
  -- Null: only an archiving was seen so far.
  is_pulled boolean,
  -- The last follower of the last page, the pages so far, and whether all followers have had one.
  reached_id bigint not null default 0,
  pages integer not null default 0,
  is_done boolean not null default false,
  is_archived boolean not null default false,
  -- When the newest change of is_archived occurred.
  archived_at timestamptz(3),
  primary key (user_id, post_id)
);

create table pulled_posts (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  post_id varchar(24) collate "C" not null,
  post_created_at timestamptz(3) not null,
  primary key (user_id, post_created_at, post_id)
);

-- Authors who ever had a pulled post; the version is raised with each that comes or goes.
create table pulled_authors (
  user_id bigint primary key check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  version bigint not null default 1
);

create table feed_hides (
  user_id bigint not null check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  post_id varchar(24) collate "C" not null,
  created_at timestamptz(3) not null default now(),
  primary key (user_id, post_id)
);
-- For the deletion of a post alone.
create index feed_hides_by_post on feed_hides (post_id);

-- What an account last told of itself. Kept for those that were ever changed.
create table feed_authors (
  user_id bigint primary key check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id)),
  version bigint not null,
  is_suspended boolean not null
);

-- Tombstones stand on every shard, so that a late creation or fan-out page finds them wherever it writes.
create table feed_deleted_posts (
  post_id varchar(24) collate "C" primary key,
  deleted_at timestamptz(3) not null default now()
);
create index feed_deleted_posts_by_time on feed_deleted_posts (deleted_at);
create table feed_deleted_users (
  user_id bigint primary key,
  deleted_at timestamptz(3) not null default now()
);
create index feed_deleted_users_by_time on feed_deleted_users (deleted_at);
