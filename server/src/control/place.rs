//! Where the socket is: in the data directory, however long its path is.

use std::{
    fs::{self, File, Permissions},
    io,
    os::{
        fd::AsRawFd as _,
        unix::fs::{FileTypeExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

/// What the socket is called.
const NAME: &str = "hub.sock";
/// Longest path that every system takes for a socket: macOS has room for 104 bytes with the zero
/// at the end, Linux for 108.
const PATH_BYTES_MAX: usize = 103;

/// A socket that is there until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
}

impl Place {
    /// Makes the socket. Whatever had its name is that of a hub that was killed: this process
    /// holds the directory.
    pub(super) fn bind(directory: &Path) -> io::Result<(Self, UnixListener)> {
        let path = directory.join(NAME);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(&path)?,
            Ok(_) => return Err(io::Error::other("something else has its name, hub.sock")),
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(why),
        }
        let listener = Short::of(directory)?.bind()?;
        let place = Self { path };
        fs::set_permissions(&place.path, Permissions::from_mode(0o600))?;
        Ok((place, listener))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The next hub here would replace it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Connects to the socket in this directory.
pub(super) async fn connect(directory: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(&Short::of(directory)?.path).await
}

/// A path of the socket that is short enough to be one.
struct Short {
    path: PathBuf,
    /// By which the path goes, if it does: open as long as it is used.
    _directory: Option<File>,
}

impl Short {
    fn of(directory: &Path) -> io::Result<Self> {
        let path = directory.join(NAME);
        if path.as_os_str().len() <= PATH_BYTES_MAX {
            return Ok(Self { path, _directory: None });
        }
        let directory = File::open(directory)?;
        // Linux has a short name for every open directory.
        let path = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
        if !path.exists() {
            let why = "the path of the data directory is too long for one, of at most 103 bytes";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Self { path: path.join(NAME), _directory: Some(directory) })
    }

    fn bind(&self) -> io::Result<UnixListener> {
        UnixListener::bind(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answers(directory: &Path) -> bool {
        connect(directory).await.is_ok()
    }

    #[tokio::test]
    async fn the_socket_is_its_owners_and_goes_with_its_hub() {
        let directory = tempfile::tempdir().unwrap();
        let (place, _listener) = Place::bind(directory.path()).unwrap();
        let mode = place.path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(answers(directory.path()).await);
        drop(place);
        assert!(!directory.path().join(NAME).exists());
    }

    #[tokio::test]
    async fn what_a_killed_hub_left_is_replaced_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let (killed, listener) = Place::bind(directory.path()).unwrap();
        std::mem::forget(killed);
        drop(listener);
        assert!(!answers(directory.path()).await);
        let (place, _listener) = Place::bind(directory.path()).unwrap();
        assert!(answers(directory.path()).await);
        drop(place);
        fs::write(directory.path().join(NAME), "notes").unwrap();
        assert!(Place::bind(directory.path()).is_err());
        assert_eq!(fs::read(directory.path().join(NAME)).unwrap(), b"notes");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_directory_may_have_a_long_path() {
        let directory = tempfile::tempdir().unwrap();
        let deep = directory.path().join("d".repeat(100)).join("e".repeat(100));
        fs::create_dir_all(&deep).unwrap();
        let _place = Place::bind(&deep).unwrap();
        assert!(answers(&deep).await);
    }
}
