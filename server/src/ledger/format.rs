//! The tables, version by version.

use std::sync::LazyLock;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// What SQLite's header has as the application: `HUBB`.
pub(crate) const APPLICATION_ID: u32 = 0x4855_4242;
/// The version of the tables: the number of migrations.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;
/// The first version that can be marked as a backup.
pub(crate) const MARKED_SINCE: u32 = 2;
/// The first version that has read markers.
pub(crate) const READ_MARKERS_SINCE: u32 = 3;
/// The first version that has tokens.
pub(crate) const TOKENS_SINCE: u32 = 5;

/// Each entry brings the tables from one version to the next; never change one, add another.
const MIGRATIONS: &[&str] = &[
    "
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
",
    // A copy made by `backup` is marked, so that the first start from it begins a new epoch.
    "
ALTER TABLE meta ADD COLUMN is_backup INTEGER NOT NULL DEFAULT 0 CHECK (is_backup IN (0, 1));
",
    // How far people have read, gone with the person or the room.
    "
CREATE TABLE read_marker (
    identity TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    PRIMARY KEY (identity, room)
) STRICT, WITHOUT ROWID;
",
    // What has become of a message is found by its seq. Most events change none, and cost nothing.
    "
CREATE INDEX event_change ON event (room, target, kind) WHERE target IS NOT NULL;
",
    // Programs that may post. `hash` is of the secret, which is nowhere; `rooms` has spaces between
    // the names, none meaning all. One that was revoked stays, so that its person is still known
    // to be none that may speak.
    "
CREATE TABLE token (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    identity TEXT NOT NULL UNIQUE REFERENCES person,
    name TEXT NOT NULL,
    rooms TEXT NOT NULL,
    made INTEGER NOT NULL,
    revoked INTEGER
) STRICT, WITHOUT ROWID;
",
];

static TABLES: LazyLock<Migrations<'static>> =
    LazyLock::new(|| MIGRATIONS.iter().map(|sql| M::up(sql)).collect());

/// The version of the tables of a database; 0 if it has none yet.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the tables to the newest version.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    TABLES.to_latest(connection)
}

#[cfg(test)]
pub(crate) fn validate() {
    TABLES.validate().unwrap();
}
