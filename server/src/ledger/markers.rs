//! What the writer says to the table of read markers.

use std::collections::HashMap;

use protocol::{Identity, RoomName};
use rusqlite::{Connection, Row, params};

use super::{ReadRecord, authority::Authority, notes::ReadMarks, rows};

/// Keeps how far people have read, as far as people and rooms are known. A marker never goes
/// back.
pub(crate) fn keep(
    connection: &Connection,
    markers: &ReadMarks,
    authority: &Authority,
    numbers: &HashMap<RoomName, i64>,
) -> rusqlite::Result<()> {
    if markers.is_empty() {
        return Ok(());
    }
    let mut upsert = connection.prepare_cached(
        "INSERT INTO read_marker (identity, room, seq) VALUES (?1, ?2, ?3)
         ON CONFLICT (identity, room) DO UPDATE SET seq = max(seq, excluded.seq)",
    )?;
    let known = markers.iter().filter(|((identity, _), _)| authority.person(identity).is_some());
    for ((identity, room), seq) in known {
        if let Some(number) = numbers.get(room) {
            upsert.execute(params![identity.as_str(), number, rows::from_seq(*seq)])?;
        }
    }
    Ok(())
}

/// How far everyone has read.
pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Vec<ReadRecord>> {
    let sql = "SELECT identity, room.name, seq
               FROM read_marker JOIN room ON room.number = read_marker.room";
    let mut select = connection.prepare(sql)?;
    let markers = select.query_map([], record)?;
    markers.collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<ReadRecord> {
    Ok(ReadRecord {
        identity: rows::parsed(row, 0, Identity::parse)?,
        room: rows::parsed(row, 1, RoomName::parse)?,
        seq: rows::seq(row, 2)?,
    })
}
