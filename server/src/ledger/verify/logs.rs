//! Rooms and their logs: names, heads, no seq missing, no request twice.

use protocol::{Identity, MessageText, RequestId, RoomName, UserName};
use rusqlite::{Connection, Row};

use super::Faults;
use crate::ledger::rows;

/// A room as kept.
struct Room {
    number: i64,
    name: String,
    head: i64,
    oldest: i64,
}

impl Faults {
    /// Rooms, their logs, and that nothing was stored twice.
    pub(super) fn logs(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT number, name, head, oldest, first, second FROM room ORDER BY name";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let room = Room {
                number: row.get(0)?,
                name: row.get(1)?,
                head: row.get(2)?,
                oldest: row.get(3)?,
            };
            self.room(&room, row)?;
            self.log(connection, &room)?;
        }
        self.requests(connection)
    }

    fn room(&mut self, room: &Room, row: &Row<'_>) -> rusqlite::Result<()> {
        let Room { name, head, oldest, .. } = room;
        if *oldest < 1 || *oldest > head.saturating_add(1) {
            self.add(&format!("{name} has the head {head} and the oldest {oldest}"));
        }
        if !self.parse("the name of a room", name, RoomName::parse) {
            return Ok(());
        }
        let pair: (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
        let expected = match &pair {
            (Some(one), Some(other)) => Identity::parse(one)
                .and_then(|one| Ok(RoomName::private(&one, &Identity::parse(other)?)))
                .ok(),
            _ => None,
        };
        let is_private = name.starts_with("dm:");
        let is_right = match expected {
            Some(expected) => expected.as_str() == name,
            None => !is_private && pair == (None, None),
        };
        if !is_right {
            self.add(&format!("{name} does not belong to the two people who are kept for it"));
        }
        Ok(())
    }

    /// Every seq from the oldest to the head, each once, and each row what an event must be.
    fn log(&mut self, connection: &Connection, room: &Room) -> rusqlite::Result<()> {
        let mut select = connection.prepare_cached(
            "SELECT seq, at, name, identity, kind, id, text, reply_to, target, to_identity
             FROM event WHERE room = ?1 ORDER BY seq",
        )?;
        let mut rows = select.query([room.number])?;
        let mut next = room.oldest;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            if seq > room.head {
                self.add(&format!("{} has {seq} above its head {}", room.name, room.head));
            } else if seq < next {
                self.add(&format!("{} has {seq} below its oldest {}", room.name, room.oldest));
            } else if seq > next {
                self.missing(room, next, seq - 1);
            }
            next = next.max(seq.saturating_add(1));
            self.event(room, seq, row)?;
        }
        if next <= room.head {
            self.missing(room, next, room.head);
        }
        Ok(())
    }

    fn missing(&mut self, room: &Room, from: i64, to: i64) {
        let name = &room.name;
        if from == to {
            self.add(&format!("{name} has no {from}"));
        } else {
            self.add(&format!("{name} has none of {from} to {to}"));
        }
    }

    fn event(&mut self, room: &Room, seq: i64, row: &Row<'_>) -> rusqlite::Result<()> {
        let at = |what| format!("{what} of {seq} in {}", room.name);
        let (name, identity): (String, String) = (row.get(2)?, row.get(3)?);
        self.parse(&at("the author"), &name, UserName::parse);
        self.parse(&at("the identity"), &identity, Identity::parse);
        self.parse(&at("the id"), &row.get::<_, String>(5)?, RequestId::parse);
        if rows::kind(row, 4).is_err() {
            self.add(&format!("{} is {:?}", at("the kind"), row.get::<_, String>(4)?));
        }
        if let Some(text) = row.get::<_, Option<String>>(6)? {
            self.parse(&at("the text"), &text, MessageText::parse);
        }
        if let Some(text) = row.get::<_, Option<String>>(9)? {
            self.parse(&at("the addressee"), &text, Identity::parse);
        }
        for (column, what) in [(0, "the seq"), (7, "what is answered"), (8, "what is changed")] {
            if rows::optional_seq(row, column).is_err() {
                self.add(&format!("{} is no seq", at(what)));
            }
        }
        Ok(())
    }

    /// Asks the table, not the index that is to keep it so.
    fn requests(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let unique = "SELECT count(*) FROM pragma_index_list('event')
                      WHERE name = 'event_request' AND \"unique\" = 1";
        if connection.query_row(unique, [], |row| row.get::<_, i64>(0))? == 0 {
            self.add("nothing keeps requests from being stored twice: no event_request");
        }
        let mut twice = connection.prepare(
            "SELECT identity, id, count(*) FROM event NOT INDEXED
             GROUP BY identity, id HAVING count(*) > 1",
        )?;
        let mut rows = twice.query([])?;
        while let Some(row) = rows.next()? {
            let (identity, id): (String, String) = (row.get(0)?, row.get(1)?);
            let count: i64 = row.get(2)?;
            self.add(&format!("the request {id} of {identity} is stored {count} times"));
        }
        Ok(())
    }
}
