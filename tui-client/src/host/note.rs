//! The note in a hub's data directory: which hub it is and where it listens.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::{Context as _, Result};
use protocol::{HubId, UserName};
use serde::{Deserialize, Serialize};

use super::Reach;
use crate::connection::address::{Address, LOCALHOST};

const FILE: &str = "hub.json";
/// The hub's own lock on its directory.
const LOCK: &str = "hub.lock";

/// Which hub a data directory holds, and where it listens or did last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its id.
    pub hub: Option<HubId>,
    /// Its port.
    pub port: u16,
    /// Who can reach it.
    pub reach: Reach,
    /// Who hosted it last, and hosts it again unless told otherwise.
    #[serde(default)]
    pub name: Option<UserName>,
    /// Whether it has a page for browsers.
    #[serde(default = "usually")]
    pub has_page: bool,
}

/// A hub has a page, unless it was started without.
fn usually() -> bool {
    true
}

impl Note {
    /// The note in this directory. It is only a hint: without a readable one a hub is unknown.
    pub fn read(directory: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(directory.join(FILE)).ok()?).ok()
    }

    /// Where a client of this machine reaches it.
    pub(super) fn address(&self) -> Option<Address> {
        match self.reach {
            Reach::Machine | Reach::Network => Address::new(LOCALHOST, self.port).ok(),
            Reach::Address(ip) => Address::new(&ip.to_string(), self.port).ok(),
        }
    }

    /// Leaves the note there.
    pub fn write(&self, directory: &Path) -> Result<()> {
        let path = directory.join(FILE);
        let fresh = directory.join("hub.json.new");
        let json = serde_json::to_vec(self)?;
        let written = fs::write(&fresh, json).and_then(|()| fs::rename(&fresh, &path));
        written.with_context(|| format!("can't write {}", path.display()))
    }
}

/// Whether a running hub holds this directory.
pub(super) fn is_held(directory: &Path) -> bool {
    let lock = File::open(directory.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Note::read(directory.path()), None);
        let reach = Reach::Address("10.0.0.9".parse().unwrap());
        let name = UserName::parse("Ana").ok();
        let hub = Some(HubId::from_bytes([1; 16]));
        let note = Note { hub, port: 9, reach, name, has_page: false };
        note.write(directory.path()).unwrap();
        assert_eq!(Note::read(directory.path()), Some(note));
    }

    #[test]
    fn a_held_directory_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        assert!(!is_held(directory.path()));
        let lock = File::create(directory.path().join(LOCK)).unwrap();
        assert!(!is_held(directory.path()));
        lock.lock().unwrap();
        assert!(is_held(directory.path()));
    }
}
