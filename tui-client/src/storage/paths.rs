//! Where things are kept, by the XDG base directory specification (0.8), on macOS too.

use std::{
    ffi::OsString,
    fs::DirBuilder,
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
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| StorageError::at(path, error))
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
