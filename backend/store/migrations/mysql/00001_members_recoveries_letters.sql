-- How to write a migration for MySQL and MariaDB. Each statement that changes a table is committed by itself, and the
-- program can be killed after any of them, before the version is written down. The next run then starts the whole file
-- again. So:
--   * Every statement can be repeated: CREATE TABLE IF NOT EXISTS; an UPDATE whose WHERE skips what is done already.
--   * MySQL knows IF NOT EXISTS for no column and no index (MariaDB does). Ask information_schema instead, in
--     three statements:
--       SET @step = (SELECT IF(COUNT(*) = 0, 'ALTER TABLE letters ADD COLUMN x INT NOT NULL DEFAULT 0', 'DO 0')
--         FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'letters' AND column_name = 'x');
--       PREPARE step FROM @step;
--       EXECUTE step;
--   * The former version of the program must be able to serve while the migration runs and after it.

-- +goose Up
-- A lease gives one server a periodic job: whoever set holder, until it runs out.
CREATE TABLE IF NOT EXISTS leases (
  job        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  holder     CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS members (
  id                  BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
  login_id            VARCHAR(64)  NOT NULL,
  basic_mail_address  VARCHAR(254) NOT NULL,
  status              VARCHAR(16)  NOT NULL,
  password_hash       VARCHAR(512) NOT NULL DEFAULT '',
  voided_at           DATETIME(6)  NULL,
  password_version    BIGINT       NOT NULL DEFAULT 1,
  password_changed_at DATETIME(6)  NULL,
  created_at          DATETIME(6)  NOT NULL,
  UNIQUE KEY members_login_id (login_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The primary key of recoveries, issuances and letters is a sequence number, so that InnoDB stores rows in order of
-- arrival: new rows, which are read again soon, share pages, and the sweep deletes whole pages of old ones. With random
-- ids as the primary key each row lay on a page of its own: 128 MiB of buffer pool were used up after 300,000 rows, and
-- each recovery had to be read from the disk to be resolved.
CREATE TABLE IF NOT EXISTS recoveries (
  seq              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id               CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receipt          CHAR(8)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  login_id         VARCHAR(64) NOT NULL,
  mail_address_mac VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  language         CHAR(2)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  client           VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  origin           VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asked_at         DATETIME(6) NOT NULL,
  letter_asked_at  DATETIME(6) NOT NULL,
  gone_at          DATETIME(6) NOT NULL,
  guesses          INT         NOT NULL DEFAULT 0,
  member_id        BIGINT      NOT NULL,
  issuance_id      CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_name         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  outcome          VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  unresolved_since DATETIME(6) NULL,
  set_aside        INT         NOT NULL DEFAULT 0,
  claimed_by       CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  claimed_until    DATETIME(6) NOT NULL,
  grant_hash       CHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  grant_version    BIGINT      NOT NULL DEFAULT 0,
  grant_expires_at DATETIME(6) NULL,
  grant_tries      INT         NOT NULL DEFAULT 0,
  grant_issuance_id CHAR(26)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  grant_key_name   VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  redeemed_at      DATETIME(6) NULL,
  completed_at     DATETIME(6) NULL,
  UNIQUE KEY recoveries_id (id),
  KEY recoveries_unresolved (unresolved_since),
  KEY recoveries_receipt (receipt),
  KEY recoveries_login_id (login_id, asked_at),
  KEY recoveries_kept (outcome, asked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- live_member_id holds "at most one temporary password that lives per member": it is the member's id, or null.
CREATE TABLE IF NOT EXISTS issuances (
  seq              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id               CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  member_id        BIGINT      NOT NULL,
  live_member_id   BIGINT      NULL,
  key_name         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_version BIGINT      NOT NULL,
  created_at       DATETIME(6) NOT NULL,
  first_mailed_at  DATETIME(6) NULL,
  expires_at       DATETIME(6) NULL,
  used_at          DATETIME(6) NULL,
  ended_at         DATETIME(6) NULL,
  UNIQUE KEY issuances_id (id),
  UNIQUE KEY issuances_live (live_member_id),
  KEY issuances_member (member_id),
  KEY issuances_kept (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- former_address is where a notice goes that tells of a new basic mail address at the former one; it is emptied when that
-- letter ends.
-- priority: waiting letters of a lower number go first.
-- letters_due ends with what the metrics count, so that no row is read for them.
-- answered_at is the first time that the mail server answered RCPT or DATA: the day of refusals counts from it.
-- due_member_id holds "at most one temporary-password letter of a member is due": it is the member's id, or null.
CREATE TABLE IF NOT EXISTS letters (
  seq              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id               CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind             VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  member_id        BIGINT      NOT NULL,
  due_member_id    BIGINT      NULL,
  language         CHAR(2)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state            VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  priority         TINYINT     NOT NULL DEFAULT 0,
  created_at       DATETIME(6) NOT NULL,
  due_at           DATETIME(6) NOT NULL,
  begun_at         DATETIME(6) NULL,
  ended_at         DATETIME(6) NULL,
  tries            INT         NOT NULL DEFAULT 0,
  lost_tries       INT         NOT NULL DEFAULT 0,
  final_refusals   INT         NOT NULL DEFAULT 0,
  answered_at      DATETIME(6) NULL,
  answer           VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  password_version BIGINT      NOT NULL DEFAULT 0,
  former_address   VARCHAR(254) NOT NULL DEFAULT '',
  issuance_id      CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  recovery_id      CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ask_id           CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  receipt          CHAR(8)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  remail           BOOLEAN     NOT NULL DEFAULT FALSE,
  claimed_by       CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  claimed_until    DATETIME(6) NOT NULL,
  UNIQUE KEY letters_id (id),
  UNIQUE KEY letters_due_member (due_member_id),
  KEY letters_due (state, priority, due_at, kind, created_at),
  KEY letters_member (member_id, created_at),
  KEY letters_kept (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- author and reason are the operator's, of what an operator did. as_of is how old the data is that an import went by.
-- The primary key stores a member's activities together, in order of time: the member page reads one page of the table.
CREATE TABLE IF NOT EXISTS activities (
  member_id   BIGINT      NOT NULL,
  at          DATETIME(6) NOT NULL,
  id          CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind        VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  recovery_id CHAR(26)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  done_by     VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author      VARCHAR(64)  NOT NULL DEFAULT '',
  reason      VARCHAR(500) NOT NULL DEFAULT '',
  as_of       DATETIME(6) NULL,
  PRIMARY KEY (member_id, at, id),
  UNIQUE KEY activities_id (id),
  KEY activities_kept (at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- running holds "at most one breach runs": it is 1, or null. A set of members is voided, and notices are made, in one
-- transaction each, which moves voided_through or made_through on.
CREATE TABLE IF NOT EXISTS breaches (
  id             BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
  running        TINYINT      NULL,
  selection      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  changed_before DATETIME(6)  NOT NULL,
  last_member_id BIGINT       NOT NULL,
  digest         VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  members        BIGINT       NOT NULL,
  per_hour       BIGINT       NOT NULL,
  paused         BOOLEAN      NOT NULL DEFAULT FALSE,
  author         VARCHAR(64)  NOT NULL DEFAULT '',
  reason         VARCHAR(500) NOT NULL DEFAULT '',
  begun_at       DATETIME(6)  NOT NULL,
  listed_at      DATETIME(6)  NULL,
  voided_at      DATETIME(6)  NULL,
  ended_at       DATETIME(6)  NULL,
  deed_at        DATETIME(6)  NULL,
  deed_author    VARCHAR(64)  NOT NULL DEFAULT '',
  deed_reason    VARCHAR(500) NOT NULL DEFAULT '',
  voided_through BIGINT       NOT NULL DEFAULT 0,
  voided         BIGINT       NOT NULL DEFAULT 0,
  notices        BIGINT       NOT NULL DEFAULT 0,
  made_through   BIGINT       NOT NULL DEFAULT 0,
  made           BIGINT       NOT NULL DEFAULT 0,
  paced_at       DATETIME(6)  NULL,
  UNIQUE KEY breaches_running (running),
  KEY breaches_ended (ended_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The members of a breach that have no notice yet; of a breach by a list also those that are not voided yet.
CREATE TABLE IF NOT EXISTS breach_members (
  breach_id BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  PRIMARY KEY (breach_id, member_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
DROP TABLE breach_members;
DROP TABLE breaches;
DROP TABLE activities;
DROP TABLE letters;
DROP TABLE issuances;
DROP TABLE recoveries;
DROP TABLE members;
DROP TABLE leases;
