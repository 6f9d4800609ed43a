-- Whether readers can find a pulled post: until then a feed that is built anew takes it as a row, or nobody would show it.
alter table feed_deliveries add column is_told boolean not null default false;
update feed_deliveries set is_told = true where is_pulled and is_done;
