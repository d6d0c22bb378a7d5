//! How many files, and so connections, this process may have open.

use std::io;

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// What macOS takes at most, though it says "unlimited".
const MACOS_MAX: u64 = 10_240;

/// Allows as many as the system lets a program allow itself. The usual limit of 1,024 is for
/// programs that use `select`; a hub would turn its 1,000th guest away.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    for wanted in [maximum, Some(MACOS_MAX)] {
        let is_more = match (current, wanted) {
            (Some(current), Some(wanted)) => wanted > current,
            (current, None) => current.is_some(),
            (None, Some(_)) => false,
        };
        if !is_more || setrlimit(Resource::Nofile, Rlimit { current: wanted, maximum }).is_ok() {
            return;
        }
    }
    tracing::warn!("the limit of open files stays at {current:?}");
}

/// How many it may have open now.
pub(crate) fn limit() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Whether something failed because there are as many already, of this process or of all.
pub(crate) fn are_used_up(why: &io::Error) -> bool {
    let errno = Errno::from_io_error(why);
    errno.is_some_and(|errno| [Errno::MFILE, Errno::NFILE].contains(&errno))
}
