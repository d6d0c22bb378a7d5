//! Edits and deletions: each changes a message, and nothing is left of what is gone.

use rusqlite::Connection;

use super::Faults;

/// What can be wrong with an event, and where it is.
const CHANGES: [(&str, &str); 7] = [
    (
        "changes no message before it",
        "SELECT place, seq FROM named
         WHERE kind IN ('edit', 'delete', 'reaction') AND target BETWEEN 1 AND seq - 1 IS NOT 1",
    ),
    (
        "has something that it changes, which is not of its kind",
        "SELECT place, seq FROM named
         WHERE kind NOT IN ('edit', 'delete', 'reaction') AND target IS NOT NULL",
    ),
    (
        "changes what is no message",
        "SELECT place, named.seq FROM named
         JOIN event ON event.room = named.room AND event.seq = named.target
         WHERE event.kind NOT IN ('message', 'announcement')",
    ),
    (
        "deletes what was deleted before",
        "SELECT place, max(seq) FROM named WHERE kind = 'delete'
         GROUP BY room, target HAVING count(*) > 1",
    ),
    (
        "has lost its text",
        "SELECT place, seq FROM named
         WHERE text IS NULL AND kind IN ('message', 'announcement', 'edit') AND NOT EXISTS
            (SELECT 1 FROM event WHERE event.room = named.room AND event.kind = 'delete'
             AND event.target = iif(named.kind = 'edit', named.target, named.seq))",
    ),
    (
        "was deleted and still has its text",
        "SELECT place, event.seq FROM named
         JOIN event ON event.room = named.room AND event.seq = named.target
         WHERE named.kind = 'delete' AND event.text IS NOT NULL",
    ),
    (
        "has a text of what was deleted",
        "SELECT place, event.seq FROM named
         JOIN event ON event.room = named.room AND event.target = named.target
         WHERE named.kind = 'delete' AND event.kind IN ('edit', 'delete')
           AND event.text IS NOT NULL",
    ),
];

impl Faults {
    /// What is wrong with what changes messages, and with messages that were changed.
    pub(super) fn changes(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for (what, sql) in CHANGES {
            let named = "SELECT room.name, event.room, event.seq, event.kind, event.text,
                                event.target FROM event JOIN room ON room.number = event.room";
            let sql = format!(
                "WITH named (place, room, seq, kind, text, target) AS ({named}) {sql} ORDER BY 1, 2"
            );
            let mut select = connection.prepare(&sql)?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let (room, seq): (String, i64) = (row.get(0)?, row.get(1)?);
                self.add(&format!("{seq} in {room} {what}"));
            }
        }
        Ok(())
    }
}
