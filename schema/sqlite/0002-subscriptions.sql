-- Subscriptions (PS3.4 CC.2.3) and what waits for their subscribers.

-- Feed position of the creation: which global subscriptions a workitem was created under. 0: before there were any.
ALTER TABLE workitem ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE subscriber (
  id        INTEGER PRIMARY KEY,
  ae_title  TEXT    NOT NULL UNIQUE,
  cleared   INTEGER NOT NULL DEFAULT 0,              -- feed position of the last "unsubscribe from everything"
  forgotten INTEGER NOT NULL DEFAULT 0,              -- the one whose entries are gone from the tables, too
  announced INTEGER NOT NULL DEFAULT 0,              -- reports announced so far: the next one's ordinal
  dropped   INTEGER NOT NULL DEFAULT 0               -- reports that overflowed the backlog
) STRICT;

-- The history of global subscriptions since then: one row for each operation, whatever the number of workitems.
CREATE TABLE global_operation (
  position      INTEGER PRIMARY KEY,                 -- in the feed
  subscriber    INTEGER NOT NULL REFERENCES subscriber (id),
  operation     TEXT    NOT NULL,                    -- JSON
  last          INTEGER NOT NULL                     -- feed position of its last repetition
) STRICT;

-- The standing of an AE to one workitem, where it does not follow from the history.
CREATE TABLE entry (
  workitem   INTEGER NOT NULL REFERENCES workitem (sequence),
  subscriber INTEGER NOT NULL REFERENCES subscriber (id),
  state      TEXT    NOT NULL,
  makers     TEXT    NOT NULL,                       -- JSON
  since      INTEGER NOT NULL,
  position   INTEGER NOT NULL,                       -- of the commit that recorded it
  PRIMARY KEY (workitem, subscriber)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_by_subscriber ON entry (subscriber, workitem);
CREATE INDEX entry_by_position ON entry (subscriber, position);

-- Initial reports that a global subscription with lock still owes: to workitems behind `through`, up to `last`.
CREATE TABLE announcement (
  operation  INTEGER PRIMARY KEY,                    -- its feed position
  subscriber INTEGER NOT NULL REFERENCES subscriber (id),
  through    INTEGER NOT NULL DEFAULT 0,             -- sequence of a workitem
  last       INTEGER NOT NULL
) STRICT;

-- What waits for a subscriber, in order. Position 0: a State Report of present values, for the workitem whose sequence is
-- the ordinal, in the place of reports that were dropped.
CREATE TABLE backlog (
  subscriber  INTEGER NOT NULL REFERENCES subscriber (id),
  position    INTEGER NOT NULL,
  ordinal     INTEGER NOT NULL,
  uid         TEXT    NOT NULL,
  event       TEXT    NOT NULL,
  information TEXT,                                  -- DICOM JSON
  PRIMARY KEY (subscriber, position, ordinal)
) STRICT, WITHOUT ROWID;
