//! Frames as bytes for whoever is not the terminal of this process: a measurement, a test of the
//! whole client, another front. PURE.

use super::painter::{Ability, Painter};
use crate::view::Canvas;

/// What a terminal of every ability would be sent, frame by frame.
#[derive(Debug)]
pub struct Frames(Painter);

impl Frames {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self(Painter::new(Ability { scrolls: true, osc: true }))
    }

    /// The bytes of the frame that `view` draws, all of them one write; none if nothing changes.
    pub fn paint(&mut self, view: impl FnOnce(&mut Canvas)) -> Vec<u8> {
        self.0.paint(view)
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}
