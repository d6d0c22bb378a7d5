//! What one wants to notice of a room. PURE.

use std::sync::Arc;

use super::Room;
use crate::noticing::Noticing;

impl Room {
    /// From now on one wants to notice this.
    pub(crate) fn notice(&mut self, noticing: &Arc<Noticing>) {
        self.timeline.notice(Arc::clone(noticing));
    }
}
