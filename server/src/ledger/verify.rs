//! Whether a database is what a hub would have written: read in one transaction, changed nowhere.
//!
//! SQLite looks after pages, indexes and declared constraints; what only Hubbub knows, that logs
//! are gapless, heads are right and names are names, is looked at row by row.

mod changes;
mod logs;
mod markers;
mod people;
mod tokens;

use std::path::Path;

use protocol::{Epoch, HubId, Refusal};
use rusqlite::Connection;

use super::{copy::Counts, directory::DATABASE, inspect::inspect, open_error::OpenError, tables};

/// Most faults that are told one by one; who has more needs a backup, not a longer list.
const FAULTS_MAX: usize = 100;

/// What was found in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What is in it, as far as that could be counted.
    pub counts: Option<Counts>,
    /// What is wrong, one line each, at most a hundred; none if all is well.
    pub faults: Vec<String>,
    /// How many more there are.
    pub untold: usize,
}

/// Looks through the log in a data directory, or in a file. A hub may be at work on it.
pub fn verify(path: &Path) -> Result<Verified, OpenError> {
    let path = if path.is_dir() { path.join(DATABASE) } else { path.to_owned() };
    inspect(&path, |connection| Ok(look_through(connection)))
}

fn look_through(connection: &Connection) -> Verified {
    let mut faults = Faults::default();
    let counts = faults.all(connection).unwrap_or_else(|why| {
        faults.add(&format!("the database can't be read on: {why}"));
        None
    });
    Verified { counts, faults: faults.told, untold: faults.untold }
}

/// What is wrong, as far as it has been found.
#[derive(Debug, Default)]
struct Faults {
    told: Vec<String>,
    untold: usize,
}

impl Faults {
    fn add(&mut self, fault: &str) {
        if self.told.len() < FAULTS_MAX {
            // One line each, whatever is in a damaged row.
            self.told.push(fault.replace(char::is_control, " "));
        } else {
            self.untold += 1;
        }
    }

    /// A name or an id that is to be what its type says. Says whether it is.
    fn parse<T>(&mut self, what: &str, text: &str, parse: fn(&str) -> Result<T, Refusal>) -> bool {
        let parsed = parse(text);
        if parsed.is_err() {
            self.add(&format!("{what} is {text:?}, which is not valid"));
        }
        parsed.is_ok()
    }

    fn all(&mut self, connection: &Connection) -> rusqlite::Result<Option<Counts>> {
        let transaction = connection.unchecked_transaction()?;
        self.integrity(&transaction)?;
        self.foreign_keys(&transaction)?;
        self.meta(&transaction)?;
        self.logs(&transaction)?;
        self.changes(&transaction)?;
        self.people(&transaction)?;
        self.markers(&transaction)?;
        self.tokens(&transaction)?;
        self.start(&transaction);
        Counts::of(&transaction).map(Some)
    }

    /// What a start reads, in case that there is a fault in it that has no name here.
    fn start(&mut self, connection: &Connection) {
        match tables::load(connection) {
            Err(why) if self.told.is_empty() => {
                self.add(&format!("a hub can't start from it: {why}"));
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// What SQLite itself can say: pages, indexes, constraints.
    fn integrity(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut check = connection.prepare("PRAGMA integrity_check")?;
        let mut lines = check.query([])?;
        while let Some(row) = lines.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.add(&format!("SQLite: {line}"));
            }
        }
        Ok(())
    }

    fn foreign_keys(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut check = connection.prepare(
            "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2",
        )?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(1)?);
            let count: i64 = row.get(2)?;
            self.add(&format!("{count} rows of {table} belong to no row of {parent}"));
        }
        Ok(())
    }

    fn meta(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut select = connection.prepare("SELECT hub, epoch FROM meta")?;
        let mut rows = select.query([])?;
        let Some(row) = rows.next()? else {
            self.add("the hub has no id and no epoch");
            return Ok(());
        };
        self.parse("the hub's id", &row.get::<_, String>(0)?, HubId::parse);
        self.parse("the epoch", &row.get::<_, String>(1)?, Epoch::parse);
        Ok(())
    }
}
