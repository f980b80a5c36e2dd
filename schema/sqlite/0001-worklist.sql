-- The worklist as it is now. `position` is the feed position of the last commit that touched the workitem: it is the
-- version that a writer must have seen, and the head of the workitem's chain of feed entries.
CREATE TABLE workitem (
  sequence        INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation
  uid             TEXT    NOT NULL UNIQUE,
  position        INTEGER NOT NULL,
  state           TEXT    NOT NULL,
  receiving_ae    TEXT    NOT NULL,
  transaction_uid TEXT,                              -- never leaves the store but to the write path
  performer       TEXT,
  finished_at     INTEGER,                           -- milliseconds since 1970
  dataset         TEXT    NOT NULL                   -- canonical DICOM JSON, without (0008,1195)
) STRICT;

CREATE INDEX workitem_by_state ON workitem (state, sequence);

-- One row for each commit, in commit order, without gaps (AUTOINCREMENT: a position is never given out twice, also
-- after old rows have been deleted). `previous` links the entries of one workitem, newest to oldest.
CREATE TABLE feed (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  uid      TEXT    NOT NULL,
  previous INTEGER,
  kind     TEXT    NOT NULL,
  at       INTEGER NOT NULL,                         -- milliseconds since 1970
  state    TEXT,                                     -- after the change; null: deleted
  replaced TEXT,                                     -- JSON: tag -> what it held before, null: nothing
  reports  TEXT    NOT NULL                          -- JSON: event reports that the change causes
) STRICT;

-- Workitems that were deleted and are remembered: 410 instead of 404, and their UID is not free.
CREATE TABLE tombstone (
  uid        TEXT    PRIMARY KEY,
  deleted_at INTEGER NOT NULL,
  position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
