//! What the system tells of the directories in which a file is, by inotify. The directory and not
//! the file, because editors put another file in its place; and of a link also where it leads.

use std::{
    collections::BTreeSet,
    future, io,
    path::{Path, PathBuf},
};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::{io::AsyncReadExt as _, net::unix::pipe};

/// Room for what is told at once; what is told is not looked at.
const TOLD_BYTES: usize = 1024;

/// What the system tells.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// `None` where the system cannot tell. Read like a pipe, which is all that tokio lets one do
    /// with a descriptor without `unsafe`.
    told: Option<pipe::Receiver>,
}

impl Notices {
    /// Of this file, which may not be there yet.
    pub(super) fn of(path: &Path) -> Self {
        Self { told: tell_of(&directories_of(path)).ok() }
    }

    /// Waits until something happens there.
    pub(super) async fn next(&mut self) {
        let Some(told) = &mut self.told else { return future::pending().await };
        let read = told.read(&mut [0; TOLD_BYTES]).await;
        if !matches!(read, Ok(1..)) {
            self.told = None;
        }
    }
}

fn tell_of(directories: &BTreeSet<PathBuf>) -> io::Result<pipe::Receiver> {
    let told = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let what = WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::MOVE
        | WatchFlags::DELETE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ATTRIB
        | WatchFlags::ONLYDIR;
    for directory in directories {
        inotify::add_watch(&told, directory, what)?;
    }
    pipe::Receiver::from_owned_fd_unchecked(told)
}

/// The directory of a file, and of what it is a link to; where there is none yet, the next one
/// above, in which it would appear.
fn directories_of(path: &Path) -> BTreeSet<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let target = path.canonicalize().ok();
    let above = |path: &Path| path.ancestors().skip(1).find(|at| at.is_dir()).map(Path::to_owned);
    [Some(path), target].into_iter().flatten().filter_map(|path| above(&path)).collect()
}
