//! Who this user is on which hub, kept on disk: secrets, names, addresses, rooms.
//!
//! One file a hub, `$XDG_DATA_HOME/hubbub/hubs/ID.json` (0600), read and written whole under an
//! OS lock, replaced atomically. Several clients of one user share it. A file that cannot be
//! read is never replaced: it is the only copy of who somebody is.

mod claim;
mod file;
mod journal;
mod paths;
mod record;

use std::{io, path::PathBuf};

use protocol::{HubId, Identity, RoomName, UserName};

pub use claim::{Choice, Claim};
pub use journal::Journal;
pub use paths::{login_name, owned_directory, state_directory};
pub use record::{Elsewhere, KnownRooms};

use crate::ignoring::Ignored;
use file::HubFile;
use record::HubRecord;

/// Why something could not be kept or read. `Display` is the sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// It is not what this program wrote.
    #[error(
        "{} is damaged ({why}); it holds who you are on that hub, so it is left as it is: mend it \
         or move it away",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file system said no.
    #[error("can't use {}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// It is not settled yet who one is.
    #[error("it is not settled yet who you are here")]
    Nobody,
    /// The system gives no random bytes, of which secrets are made.
    #[error("the system gives no random bytes, so there can be no secret")]
    NoRandomness,
    /// There is no home directory and no `XDG_DATA_HOME`.
    #[error("there is no home directory to keep your names in; set XDG_DATA_HOME")]
    Homeless,
}

impl StorageError {
    /// The same for a line on the screen, with what matters first.
    pub fn in_short(&self) -> String {
        match self {
            Self::Io { path, error } if error.kind() == io::ErrorKind::StorageFull => {
                format!("the disk is full ({})", path.display())
            }
            Self::Io { path, error } => format!("{error} ({})", path.display()),
            Self::Damaged { .. } | Self::NoRandomness | Self::Nobody | Self::Homeless => {
                self.to_string()
            }
        }
    }
}

/// The hubs that this user knows.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `$XDG_DATA_HOME/hubbub`.
    root: PathBuf,
    /// Whether a script uses it that was told whom to be, which changes nothing about who the user
    /// is next time.
    is_for_script: bool,
}

impl Storage {
    /// That of this user.
    pub fn of_user() -> Result<Self, StorageError> {
        paths::data_directory().map(Self::at)
    }

    /// In this directory.
    pub fn at(root: PathBuf) -> Self {
        Self { root, is_for_script: false }
    }

    /// The same for a script that is somebody of its own.
    pub fn for_script(self) -> Self {
        Self { is_for_script: true, ..self }
    }

    /// Where a hub of this user keeps its log unless told otherwise.
    pub fn hub_directory(&self) -> PathBuf {
        self.root.join("hub")
    }

    /// The hub that was last reached at this address, if one was. A damaged file is passed
    /// over here; it is complained of when its hub is met.
    pub fn hub_at(&self, address: &str) -> Result<Option<HubId>, StorageError> {
        let known = file::all(&self.hubs())?;
        let there = known.into_iter().filter(|(_, hub)| hub.addresses.iter().any(|a| a == address));
        Ok(there.max_by_key(|(_, hub)| hub.last_used).map(|(id, _)| id))
    }

    /// The address under which a hub is known best, where this one is new to it.
    pub fn known_elsewhere(
        &self,
        hub: &HubId,
        address: &str,
    ) -> Result<Option<Elsewhere>, StorageError> {
        Ok(self.read(hub)?.elsewhere(address))
    }

    /// Chooses who to be: `wanted` where it is given; else who one was last on this hub and no
    /// running client of this machine is (`rather` before others); else `login`, if it is free
    /// on this machine.
    pub fn choose(
        &self,
        hub: &HubId,
        wanted: Option<&UserName>,
        rather: Option<&UserName>,
        login: &UserName,
    ) -> Result<Choice, StorageError> {
        let mut file = HubFile::open(&self.hubs(), hub)?;
        claim::choose(&mut file, wanted, rather, login)
    }

    /// Who the user was last on this hub, whether or not a client of this machine is that one now;
    /// else `login`. For scripts: they are the same person every time.
    pub fn last(&self, hub: &HubId, login: &UserName) -> Result<Claim, StorageError> {
        let mut file = HubFile::open(&self.hubs(), hub)?;
        claim::last(&mut file, login)
    }

    /// Takes this name: the secret that is filed for it, or a new one. `held` is who one was
    /// going to be; a secret that no hub has seen yet is filed anew instead of another one.
    pub fn take(
        &self,
        hub: &HubId,
        name: &UserName,
        held: Option<&Claim>,
    ) -> Result<Claim, StorageError> {
        let mut file = HubFile::open(&self.hubs(), hub)?;
        claim::take(&mut file, name, held)
    }

    /// The hub said welcome at this address, under this name.
    pub fn welcomed(
        &self,
        hub: &HubId,
        address: &str,
        claim: &Claim,
        name: &UserName,
    ) -> Result<(), StorageError> {
        let is_user = !self.is_for_script;
        self.change(hub, |record| record.welcomed(address, &claim.identity, name, is_user))
    }

    /// Files the identity under this name too, as the one last used.
    pub fn also_known_as(
        &self,
        hub: &HubId,
        identity: &Identity,
        name: &UserName,
    ) -> Result<(), StorageError> {
        self.change(hub, |record| record.rename(identity, name))
    }

    /// The user trusts the hub at this address.
    pub fn trust(&self, hub: &HubId, address: &str) -> Result<(), StorageError> {
        self.change(hub, |record| record.reached_at(address))
    }

    /// Keeps which rooms one was in, in this order, and which was shown.
    pub fn remember_rooms(
        &self,
        hub: &HubId,
        identity: &Identity,
        rooms: &[RoomName],
        current: Option<&RoomName>,
    ) -> Result<(), StorageError> {
        let rooms = KnownRooms { rooms: rooms.to_vec(), current: current.cloned() };
        self.change(hub, |record| record.remember_rooms(identity, rooms))
    }

    /// Keeps that this user ignores somebody, or does not any more.
    pub fn keep_ignored(
        &self,
        hub: &HubId,
        identity: &Identity,
        whom: &Ignored,
        is_ignored: bool,
    ) -> Result<(), StorageError> {
        self.change(hub, |record| record.ignore(identity, whom, is_ignored))
    }

    /// Whom this user ignores.
    pub fn ignored(&self, hub: &HubId, identity: &Identity) -> Result<Vec<Ignored>, StorageError> {
        Ok(self.read(hub)?.ignored(identity))
    }

    /// The rooms to return to.
    pub fn rooms(&self, hub: &HubId, identity: &Identity) -> Result<KnownRooms, StorageError> {
        Ok(self.read(hub)?.rooms(identity))
    }

    fn hubs(&self) -> PathBuf {
        self.root.join("hubs")
    }

    fn read(&self, hub: &HubId) -> Result<HubRecord, StorageError> {
        Ok(HubFile::open(&self.hubs(), hub)?.record)
    }

    fn change(&self, hub: &HubId, change: impl FnOnce(&mut HubRecord)) -> Result<(), StorageError> {
        let mut file = HubFile::open(&self.hubs(), hub)?;
        change(&mut file.record);
        file.save()
    }
}

#[cfg(test)]
mod tests;
