-- +goose Up
-- Where a notice goes that tells of a new basic mail address at the former one. It is empty once that letter has ended,
-- and in all others.
ALTER TABLE letters ADD COLUMN former_address TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE letters DROP COLUMN former_address;
