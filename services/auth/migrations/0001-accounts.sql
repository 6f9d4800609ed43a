create table users (
  id bigint primary key,
  username varchar(50) not null,
  email varchar(255) not null,
  password_hash varchar(255) not null,
  display_name varchar(100) not null default '',
  bio varchar(500) not null default '',
  website varchar(255) not null default '',
  -- { media_id, renditions: [{ name, path, width, height, format, bytes }] }
  avatar jsonb,
  role varchar(20) not null default 'user' check (role in ('user', 'moderator', 'admin')),
  is_private boolean not null default false,
  is_suspended boolean not null default false,
  version integer not null default 1,
  -- The account exists for others once both of its claims are confirmed by this token.
  claim_token text not null,
  is_confirmed boolean not null default false,
  created_at timestamptz(3) not null default now(),
  check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, id))
);
create index users_newest on users (created_at, id) where is_confirmed;
create index users_unconfirmed on users (created_at) where not is_confirmed;
create index users_admins on users (id) where role = 'admin';

-- NFKC, lower case. A confirmed claim outlives its account: a username is not given out again.
create table username_claims (
  username text collate "C" primary key,
  user_id bigint not null,
  token text not null,
  confirmed_at timestamptz(3),
  claimed_at timestamptz(3) not null default now(),
  check (satisfies_hash_partition('placement_text'::regclass, {{shards}}, {{shard}}, username))
);
create index username_claims_unconfirmed on username_claims (claimed_at) where confirmed_at is null;

create table email_claims (
  email text collate "C" primary key,
  user_id bigint not null,
  token text not null,
  confirmed_at timestamptz(3),
  claimed_at timestamptz(3) not null default now(),
  check (satisfies_hash_partition('placement_text'::regclass, {{shards}}, {{shard}}, email))
);
create index email_claims_unconfirmed on email_claims (claimed_at) where confirmed_at is null;
create index email_claims_user on email_claims (user_id);

-- A session that ended has no row: what was issued for it is refused from then on.
create table sessions (
  user_id bigint not null references users (id) on delete cascade,
  id text collate "C" not null,
  -- SHA-256 of the newest refresh token of the family.
  token_hash bytea not null,
  -- Signs the family's refresh tokens, so that an old one is known for what it is without a list of all.
  family_key bytea not null,
  user_agent varchar(512) not null default '',
  address varchar(64) not null default '',
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  primary key (user_id, id),
  check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, user_id))
);
create index sessions_newest on sessions (user_id, created_at, id);
create index sessions_expiry on sessions (expires_at);
