-- A database as the second version of the hub left it. Never changed.
PRAGMA journal_mode = wal;
PRAGMA application_id = 0x48554242;

CREATE TABLE meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    hub TEXT NOT NULL,
    epoch TEXT NOT NULL
) STRICT;

-- `head` and `oldest` are kept, never computed from events. The four columns at the end: the
-- two people of a private room, in the order of their identities, and their last names.
CREATE TABLE room (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head INTEGER NOT NULL,
    oldest INTEGER NOT NULL,
    topic TEXT NOT NULL,
    first TEXT, first_name TEXT,
    second TEXT, second_name TEXT,
    CHECK (oldest BETWEEN 1 AND head + 1),
    CHECK ((first IS NULL) = (second IS NULL))
) STRICT;

-- `to_key` and `to_identity`: to whom a `direct` was, as asked for and as understood.
CREATE TABLE event (
    room INTEGER NOT NULL REFERENCES room,
    seq INTEGER NOT NULL CHECK (seq > 0),
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    identity TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT,
    reply_to INTEGER,
    target INTEGER,
    to_key TEXT,
    to_identity TEXT,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- Sent once: whatever else goes wrong, the same request is not stored twice.
CREATE UNIQUE INDEX event_request ON event (identity, id);

CREATE TABLE person (
    identity TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rank 0 is the current name; 1, 2, 3 are those before, newest first.
CREATE TABLE owned_name (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    identity TEXT NOT NULL REFERENCES person,
    rank INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),
    UNIQUE (identity, rank)
) STRICT, WITHOUT ROWID;

ALTER TABLE meta ADD COLUMN is_backup INTEGER NOT NULL DEFAULT 0 CHECK (is_backup IN (0, 1));

PRAGMA user_version = 2;

INSERT INTO meta VALUES (1, '0f0e0d0c0b0a09080706050403020100', '0123456789abcdef', 0);
INSERT INTO room VALUES (1, 'lobby', 2, 1, 'tea', NULL, NULL, NULL, NULL);
INSERT INTO event VALUES
    (1, 1, 1700000000000, 'Ana', '~01010101010101010101010101010101', 'message', 'a', 'hi',
     NULL, NULL, NULL, NULL),
    (1, 2, 1700000000001, 'Ana', '~01010101010101010101010101010101', 'topic', 'b', 'tea',
     NULL, NULL, NULL, NULL);
INSERT INTO person VALUES ('~01010101010101010101010101010101', 'Ana', 'member', 1700000000001);
INSERT INTO owned_name VALUES ('ana', 'Ana', '~01010101010101010101010101010101', 0);
