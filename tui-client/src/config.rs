//! The settings file: its text, read into what the user wants and into what is wrong with it. One
//! bad line does not discard the rest. PURE: which file it is, and when it is read, is for the
//! shell.

use protocol::{RoomName, UserName};

use crate::preferences::Preferences;

mod fault;
mod keys;
mod reader;
mod table;
mod value;

pub use fault::Fault;
pub use table::example;
pub(crate) use table::help_lines;

/// What the settings file can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// One's name.
    pub name: Option<UserName>,
    /// The hub's machine.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// Rooms to be in.
    pub rooms: Vec<RoomName>,
    /// What can change while the client runs.
    pub preferences: Preferences,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Everything that is right; what is not there or wrong is as by default.
    pub config: Config,
    /// What is wrong, line by line.
    pub faults: Vec<Fault>,
    /// Whether it is TOML from end to end: else it may be half written, or its lines may mean
    /// something else than they seem to.
    pub is_toml: bool,
}

/// The settings file was read again, because it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reread {
    /// What it is called.
    pub file: String,
    /// What is in it; or one sentence why nobody knows.
    pub outcome: Result<Reading, String>,
    /// Whether something else is wanted that counts only at the start.
    pub waits: bool,
}

impl Config {
    /// Whether another one differs in what counts only at the start.
    pub(crate) fn starts_otherwise(&self, other: &Self) -> bool {
        (&self.name, &self.host, self.port, &self.rooms)
            != (&other.name, &other.host, other.port, &other.rooms)
    }
}

impl Reading {
    /// Reads a file; any bytes will do.
    pub fn of(bytes: &[u8]) -> Self {
        reader::read(bytes)
    }

    /// The first fault, for one line of the screen, and how many more there are.
    pub fn complaint(&self, file: &str) -> Option<String> {
        let first = self.faults.first()?;
        let more = match self.faults.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more; hubbub --check-config)"),
        };
        Some(format!("{file} line {}: {}{more}", first.line, first.words()))
    }
}

#[cfg(test)]
mod tests;
