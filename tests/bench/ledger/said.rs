//! What is said, the same for everyone who stores it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Messages of a run that is not measured by time.
pub(crate) const MESSAGES: usize = 300 * BATCH;
/// Inserts in a transaction: as many as the ledger's.
pub(crate) const BATCH: usize = 1024;
/// Talkers, each in a room of their own: what is measured is storing, not telling.
pub(crate) const TALKERS: usize = 64;
/// What everyone says: as much as people write.
pub(crate) const TEXT: &str =
    "What everybody in this room will see, and not much longer than people write.";

/// An id in the form of those that our client makes, which ascend.
pub(crate) fn id(number: usize) -> String {
    format!("0190a6e2-6b3c-7f00-8a1b-{number:012x}")
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as i64
}
