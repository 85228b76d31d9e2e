-- +goose Up
CREATE TABLE members (
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
CREATE UNIQUE INDEX members_login_id ON members (login_id);

-- Not used any more; it is here for the former version, which serves beside this one until all servers are new.
CREATE TABLE hash_schemes (
  scheme              TEXT     NOT NULL PRIMARY KEY
);

CREATE TABLE recoveries (
  id                  TEXT     NOT NULL PRIMARY KEY,
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
  claimed_by          TEXT     NOT NULL DEFAULT '',
  claimed_until       DATETIME NOT NULL,
  grant_hash          TEXT     NOT NULL DEFAULT '',
  grant_version       INTEGER  NOT NULL DEFAULT 0,
  grant_expires_at    DATETIME NULL,
  grant_tries         INTEGER  NOT NULL DEFAULT 0,
  redeemed_at         DATETIME NULL,
  completed_at        DATETIME NULL
);
CREATE INDEX recoveries_unresolved ON recoveries (unresolved_since);
CREATE INDEX recoveries_receipt ON recoveries (receipt);
CREATE INDEX recoveries_login_id ON recoveries (login_id, asked_at);
CREATE INDEX recoveries_kept ON recoveries (outcome, asked_at);

-- live_member_id holds "at most one temporary password that lives per member": it is the member's id, or null.
CREATE TABLE issuances (
  id                  TEXT     NOT NULL PRIMARY KEY,
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
CREATE UNIQUE INDEX issuances_live ON issuances (live_member_id);
CREATE INDEX issuances_kept ON issuances (created_at);

-- due_member_id holds "at most one temporary-password letter of a member is due": it is the member's id, or null.
CREATE TABLE letters (
  id                  TEXT     NOT NULL PRIMARY KEY,
  kind                TEXT     NOT NULL,
  member_id           INTEGER  NOT NULL,
  due_member_id       INTEGER  NULL,
  language            TEXT     NOT NULL,
  state               TEXT     NOT NULL,
  created_at          DATETIME NOT NULL,
  due_at              DATETIME NOT NULL,
  begun_at            DATETIME NULL,
  ended_at            DATETIME NULL,
  tries               INTEGER  NOT NULL DEFAULT 0,
  lost_tries          INTEGER  NOT NULL DEFAULT 0,
  answer              TEXT     NOT NULL DEFAULT '',
  password_version    INTEGER  NOT NULL DEFAULT 0,
  issuance_id         TEXT     NOT NULL DEFAULT '',
  recovery_id         TEXT     NOT NULL DEFAULT '',
  ask_id              TEXT     NOT NULL DEFAULT '',
  receipt             TEXT     NOT NULL DEFAULT '',
  remail              BOOLEAN  NOT NULL DEFAULT FALSE,
  claimed_by          TEXT     NOT NULL DEFAULT '',
  claimed_until       DATETIME NOT NULL
);
CREATE UNIQUE INDEX letters_due_member ON letters (due_member_id);
CREATE INDEX letters_due ON letters (state, due_at);
CREATE INDEX letters_member ON letters (member_id, created_at);
CREATE INDEX letters_kept ON letters (created_at);

CREATE TABLE activities (
  id                  TEXT     NOT NULL PRIMARY KEY,
  member_id           INTEGER  NOT NULL,
  at                  DATETIME NOT NULL,
  kind                TEXT     NOT NULL,
  recovery_id         TEXT     NOT NULL DEFAULT '',
  done_by             TEXT     NOT NULL,
  device              TEXT     NOT NULL
);
CREATE INDEX activities_member ON activities (member_id, at);
CREATE INDEX activities_kept ON activities (at);

-- +goose Down
DROP TABLE activities;
DROP TABLE letters;
DROP TABLE issuances;
DROP TABLE recoveries;
DROP TABLE hash_schemes;
DROP TABLE members;
