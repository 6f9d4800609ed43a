-- Followers are no longer paged by whoever delivers a post: every page is a slice of all ids, and all are on their way at once.
alter table feed_deliveries drop column reached_id, drop column pages;
comment on column feed_deliveries.is_done is
  'The pulled post or the pages of a push are stored. Not set where the followers fill one page, which its event itself brings.';
