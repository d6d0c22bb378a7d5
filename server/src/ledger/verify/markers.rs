//! How far people have read.

use rusqlite::Connection;

use super::Faults;
use crate::ledger::format::{READ_MARKERS_SINCE, version};

impl Faults {
    /// Markers, each within what its room has had. Whose they are, SQLite looks after.
    pub(super) fn markers(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if version(connection)? < READ_MARKERS_SINCE {
            return Ok(());
        }
        let sql = "SELECT identity, name, seq, head
                   FROM read_marker JOIN room ON room.number = read_marker.room
                   WHERE seq NOT BETWEEN 1 AND head";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (identity, room): (String, String) = (row.get(0)?, row.get(1)?);
            let (seq, head): (i64, i64) = (row.get(2)?, row.get(3)?);
            self.add(&format!("{identity} has read {room} up to {seq}, and its head is {head}"));
        }
        Ok(())
    }
}
