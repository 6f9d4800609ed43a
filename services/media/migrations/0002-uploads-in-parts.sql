-- Uploads that come in parts, until they are completed and are rows of media. Each lives as long as the note that its objects are
-- to go: when that is due the upload has expired.
create table media_uploads (
  media_id text collate "C" primary key references media_removals on delete cascade
    check (satisfies_hash_partition('placement_text'::regclass, {{shards}}, {{shard}}, media_id)),
  user_id bigint not null,
  -- As declared. What it is, its bytes tell once they are there.
  kind varchar(10) not null check (kind in ('image', 'video')),
  size_bytes bigint not null,
  part_size_bytes bigint not null,
  alt_text text not null,
  -- By which the object store knows the upload.
  store_name text not null
);
create index media_uploads_of_user on media_uploads (user_id);
