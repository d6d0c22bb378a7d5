//! What the client does about what happens: `update(state, event, now) -> effects`. PURE.

use crate::{
    effect::Effect,
    event::{Event, Now},
    state::State,
};

/// Changes the state for what happened, and says what is to be done.
pub fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    match event {
        Event::Resize(size) => state.size = size,
        Event::Focus(focused) => state.focused = focused,
        Event::Tick => state.separator.tick(now.mono),
        Event::Key(_) | Event::Paste(_) | Event::Wheel(_) | Event::Continued | Event::Link(_) => {}
    }
    Vec::new()
}
