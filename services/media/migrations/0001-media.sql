-- One row an upload. Listing all of one person scatters: only the deletion of an account asks for it.
create table media (
  id text collate "C" primary key check (satisfies_hash_partition('placement_text'::regclass, {{shards}}, {{shard}}, id)),
  user_id bigint not null,
  status varchar(10) not null check (status in ('processing', 'ready', 'failed')),
  kind varchar(10) not null check (kind in ('image', 'video')),
  mime text not null,
  -- Of the original.
  bytes bigint not null,
  width integer,
  height integer,
  duration_ms integer,
  alt_text text not null default '',
  -- Base64.
  thumbhash text,
  -- [{ name, format, width, height, bytes, file }]
  renditions jsonb not null default '[]',
  failure text,
  -- 128 random bits: what makes a public URL unguessable.
  secret text not null,
  -- A post's claim is confirmed by post.created, an avatar's when the profile holds it.
  used_as varchar(10) check (used_as in ('post', 'avatar')),
  post_id text collate "C",
  claimed_at timestamptz(3),
  confirmed_at timestamptz(3),
  -- The bytes as they were sent, with their EXIF and position: gone as soon as the renditions are made.
  has_original boolean not null default true,
  attempts integer not null default 0,
  -- The attempt at work now: it loses the row when its lease runs out.
  worker text,
  lease_until timestamptz(3),
  created_at timestamptz(3) not null default now(),
  check ((used_as is not distinct from 'post') = (post_id is not null)),
  check ((used_as is null) = (claimed_at is null))
);
create index media_of_user on media (user_id, id);
create index media_unused on media (created_at) where used_as is null;
create index media_unconfirmed on media (claimed_at) where used_as is not null and confirmed_at is null;
create index media_waiting on media (created_at) where status = 'processing';
create index media_with_original on media (created_at) where has_original and status <> 'processing';

-- Uploads whose objects must go: written before the first byte is stored, or with the deletion of the row.
create table media_removals (
  media_id text collate "C" primary key
    check (satisfies_hash_partition('placement_text'::regclass, {{shards}}, {{shard}}, media_id)),
  due_at timestamptz(3) not null
);
create index media_removals_due on media_removals (due_at);
