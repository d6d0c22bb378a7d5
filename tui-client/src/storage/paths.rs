//! Where things are kept, by the XDG base directory specification (0.8), on macOS too.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use etcetera::{BaseStrategy as _, base_strategy::Xdg};
use protocol::UserName;

use super::StorageError;

const OUR_DIRECTORY: &str = "hubbub";

/// `$XDG_DATA_HOME/hubbub`.
pub(super) fn data_directory() -> Result<PathBuf, StorageError> {
    let xdg = Xdg::new().map_err(|_| StorageError::Homeless)?;
    Ok(xdg.data_dir().join(OUR_DIRECTORY))
}

/// `$XDG_STATE_HOME/hubbub`, for logs.
pub fn state_directory() -> Result<PathBuf, StorageError> {
    let xdg = Xdg::new().map_err(|_| StorageError::Homeless)?;
    let state = xdg.state_dir().ok_or(StorageError::Homeless)?;
    Ok(state.join(OUR_DIRECTORY))
}

/// Makes a directory, and those above it, that only this user can look into.
pub fn owned_directory(path: &Path) -> Result<(), StorageError> {
    make_directory(path, &sync_directory)
}

/// A directory is on disk when the one above it is; one that may not be is made again.
fn make_directory(path: &Path, sync: &dyn Fn(&Path) -> io::Result<()>) -> Result<(), StorageError> {
    let at = |error| StorageError::at(path, error);
    let new: Vec<&Path> = path.ancestors().take_while(|level| !level.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at)?;
    let mut above = new.iter().rev().filter_map(|level| level.parent());
    let synced = above.try_for_each(sync);
    if synced.is_err() {
        for level in new {
            let _ = fs::remove_dir(level); // Somebody else may use it by now.
        }
    }
    synced.map_err(at)
}

/// Brings to disk which files a directory has.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    let here = Path::new(".");
    File::open(if path.as_os_str().is_empty() { here } else { path })?.sync_all()
}

/// The login name made a valid one; `guest` where nothing of it can be kept.
pub fn login_name() -> Option<UserName> {
    let logged_in = ["USER", "LOGNAME"].into_iter().filter_map(std::env::var_os);
    // In containers there is often neither; the home directory is called like its owner.
    let home = std::env::home_dir().and_then(|home| home.file_name().map(OsString::from));
    logged_in
        .chain(home)
        .find_map(|name| UserName::nearest(&name.to_string_lossy()))
        .or_else(|| UserName::parse("guest").ok())
}

impl StorageError {
    pub(super) fn at(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, path::PathBuf};

    use super::*;

    #[test]
    fn where_a_directory_was_made_is_on_disk() {
        let home = tempfile::tempdir().unwrap();
        let synced = RefCell::new(Vec::<PathBuf>::new());
        let sync = |path: &Path| {
            synced.borrow_mut().push(path.to_owned());
            Ok(())
        };
        let path = home.path().join("outbox").join("hub");
        make_directory(&path, &sync).unwrap();
        assert_eq!(synced.take(), [home.path().to_owned(), home.path().join("outbox")]);
        make_directory(&path, &sync).unwrap();
        assert!(synced.take().is_empty());
    }

    #[test]
    fn a_directory_of_which_nobody_knows_whether_it_is_on_disk_is_not_there() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("outbox").join("hub");
        make_directory(&path, &|_| Err(io::Error::other("bad sector"))).unwrap_err();
        assert!(!home.path().join("outbox").exists());
    }
}
