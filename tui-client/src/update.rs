//! What the client does about what happens: `update(state, event, now) -> effects`. PURE.

use std::time::Duration;

use crate::{
    effect::Effect,
    event::{Event, Now},
    state::State,
    timeline::Scroll,
};

pub(crate) mod answers;
mod completing;
mod editing;
mod frames;
mod going;
mod keys;
pub(crate) mod leaving;
mod link;
pub(crate) mod places;
mod prompting;
pub(crate) mod sending;

/// How long a hint about the mouse stays.
const HINT_STAYS: Duration = Duration::from_secs(5);

/// Changes the state for what happened, and says what is to be done.
pub fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    let mut effects = match event {
        Event::Key(key) => keys::press(state, key, now),
        Event::Paste(text) => {
            keys::paste(state, &text, now);
            Vec::new()
        }
        Event::Resize(size) => {
            going::resize(state, size);
            Vec::new()
        }
        Event::Wheel(rows) => {
            going::scroll(state, Scroll::Rows(rows.into()));
            Vec::new()
        }
        Event::Drag => {
            state.separator.hint_until("Shift+drag selects", now.mono + HINT_STAYS);
            Vec::new()
        }
        Event::Focus(focused) => {
            state.focused = focused;
            Vec::new()
        }
        Event::Continued => vec![Effect::Repaint],
        Event::Link(event) => link::heard(state, event, now),
        Event::Tick => Vec::new(),
    };
    settle(state, now, &mut effects);
    effects
}

/// What follows from any change: times that have come, messages that can go, a page that is
/// missing on the screen, and what has been read.
fn settle(state: &mut State, now: Now, effects: &mut Vec<Effect>) {
    state.separator.tick(now.mono);
    state.outbox.tick(now.mono);
    state.quit_until.take_if(|until| *until <= now.mono);
    effects.extend(sending::send_next(state, now));
    going::look(state);
    effects.extend(sending::ask_for_page(state, now));
}

#[cfg(test)]
mod tests;
