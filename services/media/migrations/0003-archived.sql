-- Of the post that uses the upload, as its events told last.
alter table media
  add column is_archived boolean not null default false,
  add column archived_told_at timestamptz(3);
