//! Where the system's way to tell of changes is not known, looks have to do.

use std::{future, path::Path};

#[derive(Debug, Default)]
pub(super) struct Notices;

impl Notices {
    pub(super) fn of(_: &Path) -> Self {
        Self
    }

    pub(super) async fn next(&mut self) {
        future::pending().await
    }
}
