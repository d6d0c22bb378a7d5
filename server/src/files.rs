//! How many files, and so connections, this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

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
