//! The bare view: going there, moving in it, and back.

use crate::{
    bare::{self, Bare},
    effect::Effect,
    event::Key,
    keymap::Action,
    state::State,
    timeline::Scroll,
    update::{going, selecting},
};

/// Alt+L, `/bare`: shows nothing but what was said, or everything again.
pub(crate) fn toggle(state: &mut State) {
    if state.bare.take().is_some() {
        return;
    }
    selecting::leave(state);
    state.composer.completion = None;
    state.bare = Some(Bare::new(state));
}

/// Takes a key while the bare view is there. `None` where it is for something else.
pub(super) fn press(state: &mut State, key: Key) -> Option<Vec<Effect>> {
    state.bare.as_ref()?;
    match state.keymap().action(key) {
        Some(Action::Scroll(scroll)) => move_by(state, scroll),
        Some(Action::Up) => move_by(state, Scroll::Rows(-1)),
        Some(Action::Down) => move_by(state, Scroll::Rows(1)),
        Some(Action::Home) => move_by(state, Scroll::Back),
        Some(Action::End) => move_by(state, Scroll::Newest),
        Some(Action::Repaint | Action::Suspend) => return None,
        // What cannot be seen is not sent, cleared or left by a key that only was to end this.
        Some(_) => state.bare = None,
        // Who types on writes: nothing of that is lost.
        None => {
            state.bare = None;
            return None;
        }
    }
    Some(Vec::new())
}

/// The terminal has another size, or one reads elsewhere.
pub(super) fn look_again(state: &mut State) {
    let rows = bare::rows(state);
    if let Some(bare) = &mut state.bare {
        bare.rows = rows;
    }
}

fn move_by(state: &mut State, scroll: Scroll) {
    going::scroll_room(state, scroll);
    look_again(state);
}
