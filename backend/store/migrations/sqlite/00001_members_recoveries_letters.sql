-- How to write a migration for SQLite. The program runs the file, and writes its version down, in one transaction that
-- it opens itself: it happens wholly or not at all. So:
--   * The next line stays, in every file: goose opens no second transaction.
--   * The former version of the program must be able to serve after it.
-- +goose NO TRANSACTION

-- +goose Up
CREATE TABLE IF NOT EXISTS leases (
  job        TEXT     NOT NULL PRIMARY KEY,
  holder     TEXT     NOT NULL,
  expires_at DATETIME NOT NULL
);

CREATE TABLE IF NOT EXISTS members (
  id                  INTEGER  PRIMARY KEY AUTOINCREMENT,
  login_id            TEXT     NOT NULL,
  basic_mail_address  TEXT     NOT NULL,
  status              TEXT     NOT NULL,
  password_hash       TEXT     NOT NULL DEFAULT '',
  voided_at           DATETIME NULL,
  password_version    INTEGER  NOT NULL DEFAULT 1,
  password_changed_at DATETIME NULL,
  created_at          DATETIME NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS members_login_id ON members (login_id);

-- seq may be used again after its row is deleted: only AUTOINCREMENT prevents that, for a second table's page at each
-- INSERT. What reads a seq outside a transaction looks at the row again before it changes it.
CREATE TABLE IF NOT EXISTS recoveries (
  seq                 INTEGER  PRIMARY KEY,
  id                  TEXT     NOT NULL,
  receipt             TEXT     NOT NULL,
  login_id            TEXT     NOT NULL,
  mail_address_mac    TEXT     NOT NULL,
  language            TEXT     NOT NULL,
  client              TEXT     NOT NULL,
  origin              TEXT     NOT NULL,
  asked_at            DATETIME NOT NULL,
  letter_asked_at     DATETIME NOT NULL,
  gone_at             DATETIME NOT NULL,
  guesses             INTEGER  NOT NULL DEFAULT 0,
  member_id           INTEGER  NOT NULL,
  issuance_id         TEXT     NOT NULL,
  key_name            TEXT     NOT NULL,
  outcome             TEXT     NOT NULL DEFAULT '',
  unresolved_since    DATETIME NULL,
  set_aside           INTEGER  NOT NULL DEFAULT 0,
  claimed_by          TEXT     NOT NULL DEFAULT '',
  claimed_until       DATETIME NOT NULL,
  grant_hash          TEXT     NOT NULL DEFAULT '',
  grant_version       INTEGER  NOT NULL DEFAULT 0,
  grant_expires_at    DATETIME NULL,
  grant_tries         INTEGER  NOT NULL DEFAULT 0,
  grant_issuance_id   TEXT     NOT NULL DEFAULT '',
  grant_key_name      TEXT     NOT NULL DEFAULT '',
  redeemed_at         DATETIME NULL,
  completed_at        DATETIME NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS recoveries_id ON recoveries (id);
CREATE INDEX IF NOT EXISTS recoveries_unresolved ON recoveries (unresolved_since);
CREATE INDEX IF NOT EXISTS recoveries_receipt ON recoveries (receipt);
CREATE INDEX IF NOT EXISTS recoveries_login_id ON recoveries (login_id, asked_at);
CREATE INDEX IF NOT EXISTS recoveries_kept ON recoveries (outcome, asked_at);

-- live_member_id holds "at most one temporary password that lives per member": it is the member's id, or null.
CREATE TABLE IF NOT EXISTS issuances (
  seq                 INTEGER  PRIMARY KEY,
  id                  TEXT     NOT NULL,
  member_id           INTEGER  NOT NULL,
  live_member_id      INTEGER  NULL,
  key_name            TEXT     NOT NULL,
  password_version    INTEGER  NOT NULL,
  created_at          DATETIME NOT NULL,
  first_mailed_at     DATETIME NULL,
  expires_at          DATETIME NULL,
  used_at             DATETIME NULL,
  ended_at            DATETIME NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS issuances_id ON issuances (id);
CREATE UNIQUE INDEX IF NOT EXISTS issuances_live ON issuances (live_member_id);
CREATE INDEX IF NOT EXISTS issuances_member ON issuances (member_id);
CREATE INDEX IF NOT EXISTS issuances_kept ON issuances (created_at);

-- former_address is where a notice goes that tells of a new basic mail address at the former one; it is emptied when that
-- letter ends.
-- due_member_id holds "at most one temporary-password letter of a member is due": it is the member's id, or null.
CREATE TABLE IF NOT EXISTS letters (
  seq                 INTEGER  PRIMARY KEY,
  id                  TEXT     NOT NULL,
  kind                TEXT     NOT NULL,
  member_id           INTEGER  NOT NULL,
  due_member_id       INTEGER  NULL,
  language            TEXT     NOT NULL,
  state               TEXT     NOT NULL,
  priority            INTEGER  NOT NULL DEFAULT 0,
  created_at          DATETIME NOT NULL,
  due_at              DATETIME NOT NULL,
  begun_at            DATETIME NULL,
  ended_at            DATETIME NULL,
  tries               INTEGER  NOT NULL DEFAULT 0,
  lost_tries          INTEGER  NOT NULL DEFAULT 0,
  final_refusals      INTEGER  NOT NULL DEFAULT 0,
  answered_at         DATETIME NULL,
  answer              TEXT     NOT NULL DEFAULT '',
  password_version    INTEGER  NOT NULL DEFAULT 0,
  former_address      TEXT     NOT NULL DEFAULT '',
  issuance_id         TEXT     NOT NULL DEFAULT '',
  recovery_id         TEXT     NOT NULL DEFAULT '',
  ask_id              TEXT     NOT NULL DEFAULT '',
  receipt             TEXT     NOT NULL DEFAULT '',
  remail              BOOLEAN  NOT NULL DEFAULT FALSE,
  claimed_by          TEXT     NOT NULL DEFAULT '',
  claimed_until       DATETIME NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS letters_id ON letters (id);
CREATE UNIQUE INDEX IF NOT EXISTS letters_due_member ON letters (due_member_id);
CREATE INDEX IF NOT EXISTS letters_due ON letters (state, priority, due_at, kind, created_at);
CREATE INDEX IF NOT EXISTS letters_member ON letters (member_id, created_at);
CREATE INDEX IF NOT EXISTS letters_kept ON letters (created_at);

-- author and reason are the operator's, of what an operator did. as_of is how old the data is that an import went by.
-- WITHOUT ROWID stores a member's activities together, in order of time.
CREATE TABLE IF NOT EXISTS activities (
  member_id           INTEGER  NOT NULL,
  at                  DATETIME NOT NULL,
  id                  TEXT     NOT NULL,
  kind                TEXT     NOT NULL,
  recovery_id         TEXT     NOT NULL DEFAULT '',
  done_by             TEXT     NOT NULL,
  device              TEXT     NOT NULL,
  author              TEXT     NOT NULL DEFAULT '',
  reason              TEXT     NOT NULL DEFAULT '',
  as_of               DATETIME NULL,
  PRIMARY KEY (member_id, at, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS activities_id ON activities (id);
CREATE INDEX IF NOT EXISTS activities_kept ON activities (at);

-- running holds "at most one breach runs": it is 1, or null. A set of members is voided, and notices are made, in one
-- transaction each, which moves voided_through or made_through on.
CREATE TABLE IF NOT EXISTS breaches (
  id                  INTEGER  PRIMARY KEY AUTOINCREMENT,
  running             INTEGER  NULL,
  selection           TEXT     NOT NULL,
  changed_before      DATETIME NOT NULL,
  last_member_id      INTEGER  NOT NULL,
  digest              TEXT     NOT NULL DEFAULT '',
  members             INTEGER  NOT NULL,
  per_hour            INTEGER  NOT NULL,
  paused              BOOLEAN  NOT NULL DEFAULT FALSE,
  author              TEXT     NOT NULL DEFAULT '',
  reason              TEXT     NOT NULL DEFAULT '',
  begun_at            DATETIME NOT NULL,
  listed_at           DATETIME NULL,
  voided_at           DATETIME NULL,
  ended_at            DATETIME NULL,
  deed_at             DATETIME NULL,
  deed_author         TEXT     NOT NULL DEFAULT '',
  deed_reason         TEXT     NOT NULL DEFAULT '',
  voided_through      INTEGER  NOT NULL DEFAULT 0,
  voided              INTEGER  NOT NULL DEFAULT 0,
  notices             INTEGER  NOT NULL DEFAULT 0,
  made_through        INTEGER  NOT NULL DEFAULT 0,
  made                INTEGER  NOT NULL DEFAULT 0,
  paced_at            DATETIME NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS breaches_running ON breaches (running);
CREATE INDEX IF NOT EXISTS breaches_ended ON breaches (ended_at);

-- The members of a breach that have no notice yet; of a breach by a list also those that are not voided yet.
CREATE TABLE IF NOT EXISTS breach_members (
  breach_id           INTEGER  NOT NULL,
  member_id           INTEGER  NOT NULL,
  PRIMARY KEY (breach_id, member_id)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE breach_members;
DROP TABLE breaches;
DROP TABLE activities;
DROP TABLE letters;
DROP TABLE issuances;
DROP TABLE recoveries;
DROP TABLE members;
DROP TABLE leases;
