-- +goose Up
-- Rows lie in the order in which they came, and not in that of their random ids: the asks of a flood then fill page after
-- page, and the resolver finds them all in the last ones. When each lay on a page of its own, 128 MiB of buffer pool were
-- used up after 300,000 asks, and from then on every ask that was resolved had to be read from the disk again.
ALTER TABLE recoveries
  DROP PRIMARY KEY,
  ADD COLUMN seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST,
  ADD UNIQUE KEY recoveries_id (id);

-- +goose Down
ALTER TABLE recoveries
  DROP COLUMN seq,
  DROP KEY recoveries_id,
  ADD PRIMARY KEY (id);
