//! What one wants to notice of all that is said. PURE.

use crate::{ignoring::Ignoring, mentions::Mentions};

/// What one wants to notice: every room has the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noticing {
    /// Words that count as being spoken to.
    pub mentions: Mentions,
    /// Whom one does not want to hear.
    pub ignoring: Ignoring,
}
