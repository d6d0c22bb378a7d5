//! The floor: inserts in batches into the hub's own tables, by one thread that does nothing else.

use std::{path::Path, time::Instant};

use anyhow::ensure;
use rusqlite::{Connection, params};
use server::{Storage, ledger};

use crate::said::{BATCH, MESSAGES, TALKERS, TEXT, id, now};

/// The database that a hub keeps in its directory.
const DATABASE: &str = "hub.sqlite3";
/// As the hub has it.
const CACHE_KIB: i32 = 16 * 1024;

/// Messages a second.
pub(crate) fn rate(directory: &Path) -> anyhow::Result<f64> {
    drop(ledger::open(&Storage::Directory(directory.to_owned()))?);
    let mut connection = Connection::open(directory.join(DATABASE))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    for room in 0..TALKERS {
        let sql = "INSERT INTO room (number, name, head, oldest, topic) VALUES (?1, ?2, 0, 1, '')";
        connection.execute(sql, params![room as u32, format!("room-{room}")])?;
    }
    let authors: Vec<_> =
        (0..TALKERS).map(|it| (format!("~{it:032x}"), format!("c{it}"))).collect();
    let start = Instant::now();
    for first in (0..MESSAGES).step_by(BATCH) {
        insert(&mut connection, &authors, first)?;
    }
    let rate = MESSAGES as f64 / start.elapsed().as_secs_f64();
    let stored: u32 = connection.query_one("SELECT count(*) FROM event", [], |row| row.get(0))?;
    ensure!(stored == MESSAGES as u32, "{stored} are stored");
    Ok(rate)
}

/// One transaction.
fn insert(
    connection: &mut Connection,
    authors: &[(String, String)],
    first: usize,
) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    let sql = "INSERT INTO event (room, seq, at, name, identity, kind, id, text)
               VALUES (?1, ?2, ?3, ?4, ?5, 'message', ?6, ?7)";
    let mut insert = transaction.prepare_cached(sql)?;
    for number in first..first + BATCH {
        let room = number % TALKERS;
        let (identity, name) = &authors[room];
        let (room, seq) = (room as u32, (number / TALKERS) as u32 + 1);
        insert.execute(params![room, seq, now(), name, identity, id(number), TEXT])?;
    }
    drop(insert);
    Ok(transaction.commit()?)
}
