//! People and the names that are theirs.

use protocol::{Identity, UserName};
use rusqlite::Connection;

use super::Faults;
use crate::ledger::rows;

impl Faults {
    /// People, and names under their keys.
    pub(super) fn people(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut select = connection.prepare("SELECT identity, name, role FROM person")?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            let (identity, name): (String, String) = (row.get(0)?, row.get(1)?);
            self.parse("a person's identity", &identity, Identity::parse);
            self.parse(&format!("the name of {identity}"), &name, UserName::parse);
            if rows::role(row, 2).is_err() {
                self.add(&format!("the role of {identity} is {:?}", row.get::<_, String>(2)?));
            }
        }
        self.names(connection)
    }

    fn names(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT owned_name.key, owned_name.name, rank, identity, person.name
                   FROM owned_name LEFT JOIN person USING (identity)";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (key, name): (String, String) = (row.get(0)?, row.get(1)?);
            let (rank, identity): (i64, String) = (row.get(2)?, row.get(3)?);
            match UserName::parse(&name) {
                Err(_) => self.add(&format!("{identity} owns {name:?}, which is no name")),
                Ok(parsed) if parsed.key().as_str() != key => {
                    self.add(&format!("the name {name} is kept under the key {key:?}"));
                }
                Ok(_) => {}
            }
            let current: Option<String> = row.get(4)?;
            if rank == 0 && current.is_some_and(|current| current != name) {
                self.add(&format!("{identity} is called otherwise than {name}, their own name"));
            }
        }
        Ok(())
    }
}
