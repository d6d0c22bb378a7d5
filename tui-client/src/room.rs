//! A room as this client sees it. PURE.

use crate::place::Place;

/// A room as this client sees it.
#[derive(Clone, Debug)]
pub struct Room {
    /// Where it is held.
    pub place: Place,
}

impl Room {
    /// A room of which nothing is known yet.
    pub fn new(place: Place) -> Self {
        Self { place }
    }
}
