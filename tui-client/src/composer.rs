//! What is being written: a draft for each place, what was cut, and the input history. PURE.

use std::collections::HashMap;
use std::time::Duration;

use crate::place::Place;

pub mod draft;
mod history;

pub use draft::Draft;
pub(crate) use history::History;

/// What is being written.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    /// The draft of the place that is shown.
    pub draft: Draft,
    /// The drafts of the other places.
    pub(crate) kept: HashMap<Place, Draft>,
    /// What was cut last, for Ctrl+Y.
    pub(crate) cut: String,
    pub(crate) history: History,
    /// Enter does nothing until then: it may belong to the paste.
    pub(crate) enter_asleep_until: Option<Duration>,
}
