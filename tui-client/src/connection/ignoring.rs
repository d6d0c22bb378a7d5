//! Whom one ignores, between the shell and the disk.

use protocol::Identity;

use super::{Connection, ShellGone, Who, Wish};
use crate::{event::LinkEvent, ignoring::Ignored};

impl Connection {
    /// Whom that one ignores. At the beginning that is nobody.
    pub(super) async fn tell_ignored(&mut self, identity: Identity) -> Result<(), ShellGone> {
        if self.ignored_of.as_ref() == Some(&identity) {
            return Ok(());
        }
        let is_first = self.ignored_of.is_none();
        match self.storage.ignored(&self.hub, &identity) {
            Ok(people) if people.is_empty() && is_first => {}
            Ok(people) => self.emit(LinkEvent::Ignoring { people }).await?,
            Err(error) => self.could_not_keep(Err(error)),
        }
        self.ignored_of = Some(identity);
        Ok(())
    }

    /// This person is ignored from now on, or is not any more.
    pub(super) fn keep_ignored(&mut self, whom: &Ignored, is_ignored: bool) -> Wish {
        if let Who::Claimed(claim) = &self.who {
            let kept = self.storage.keep_ignored(&self.hub, &claim.identity, whom, is_ignored);
            self.could_not_keep(kept);
        }
        Wish::Wait
    }
}
