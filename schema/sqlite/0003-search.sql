-- The index of search: an inverted index of terms (plugin/ups/index-terms.ts), one row for each workitem with the workitem's
-- sequence as rowid. It holds nothing that could not be made again.
CREATE VIRTUAL TABLE search USING fts5 (terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
-- What was deleted goes when segments are merged anyway: merging them for its sake holds everybody up, for seconds when they
-- are large.
INSERT INTO search (search, rank) VALUES ('deletemerge', 0);
INSERT INTO search (search, rank) VALUES ('automerge', 8);
CREATE VIRTUAL TABLE search_term USING fts5vocab (search, row);

-- Which terms the index holds; how far it has come with workitems that were there before it: behind `through`, up to `last`,
-- they are still to be indexed; and up to which entry of the feed changes are in it.
CREATE TABLE search_progress (
  version  TEXT    NOT NULL,
  through  INTEGER NOT NULL,                         -- sequence of a workitem
  last     INTEGER NOT NULL,
  position INTEGER NOT NULL                          -- in the feed
) STRICT;
INSERT INTO search_progress (version, through, last, position) VALUES ('', 0, 0, 0);

DROP INDEX workitem_by_state;

-- How far consumers of the feed have come.
CREATE TABLE feed_cursor (
  consumer TEXT    PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
