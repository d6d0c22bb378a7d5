//! Tokens, and the people that they speak as.

use protocol::{RoomName, UserName};
use rusqlite::Connection;

use super::Faults;
use crate::ledger::{
    TokenHash,
    format::{TOKENS_SINCE, version},
};

impl Faults {
    /// Tokens, each of a person of its own, who has its name. That there is one, SQLite looks
    /// after.
    pub(super) fn tokens(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if version(connection)? < TOKENS_SINCE {
            return Ok(());
        }
        let sql = "SELECT hash, identity, token.name, rooms, person.name
                   FROM token LEFT JOIN person USING (identity)";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (identity, name): (String, String) = (row.get(1)?, row.get(2)?);
            self.parse(&format!("the name of the token {identity}"), &name, UserName::parse);
            self.token_rooms(&name, &row.get::<_, String>(3)?);
            match row.get(0).map(|hash| TokenHash::from_bytes(hash).identity()) {
                Ok(speaks_as) if speaks_as.as_str() == identity => {}
                Ok(_) => {
                    self.add(&format!("the token {name} speaks as {identity}, who is another"));
                }
                Err(_) => self.add(&format!("the token {name} has no hash of a secret")),
            }
            if row.get::<_, Option<String>>(4)?.is_some_and(|called| called != name) {
                self.add(&format!("the token {name} speaks under another name"));
            }
        }
        Ok(())
    }

    fn token_rooms(&mut self, name: &str, rooms: &str) {
        let is_public = |room: &str| RoomName::parse(room).is_ok_and(|room| !room.is_private());
        for room in rooms.split_ascii_whitespace().filter(|room| !is_public(room)) {
            self.add(&format!("the token {name} is for {room:?}, which is no public room"));
        }
    }
}
