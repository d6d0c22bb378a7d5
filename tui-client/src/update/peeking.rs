//! Looking into a room without having read it: no marker moves, on no device, and what is unread
//! there is so afterwards.

use crate::{
    effect::Effect,
    place::Place,
    state::State,
    timeline::Bookmark,
    update::places::{self, index_of},
};

/// What the row above the draft says meanwhile.
const WORDS: &str = "peeking: nothing is marked read · Esc goes back";

/// A look into the room that is shown.
#[derive(Clone, Debug)]
pub(crate) struct Peek {
    /// Where one goes back to.
    from: Place,
    /// Where one read in the room before.
    reading: Bookmark,
}

/// Shows a room, and counts nothing in it as read until one writes there or opens it.
pub(crate) fn begin(state: &mut State, index: usize) -> Vec<Effect> {
    let from = home(state).clone();
    let effects = places::show(state, index);
    let reading = state.room().timeline().bookmark();
    state.peek = Some(Peek { from, reading });
    effects
}

/// Alt+P: looks into the next room with something unread; from there, back.
pub(crate) fn toggle(state: &mut State) -> Vec<Effect> {
    if state.prompt.is_some() || leave(state) {
        return Vec::new();
    }
    state.panel = None;
    if let Some(index) = places::find_unread(state) {
        return begin(state, index);
    }
    state.separator.answer("nothing unread to peek into");
    Vec::new()
}

/// Back to where one came from; `false` if one does not peek.
pub(super) fn leave(state: &mut State) -> bool {
    let Some(peek) = &state.peek else { return false };
    let from = index_of(state, &peek.from);
    // It may be closed by now: then one stays, and is here.
    places::show(state, from.unwrap_or(state.current));
    true
}

/// Another room is going to be shown: one reads in this one where one did before.
pub(super) fn end(state: &mut State) {
    if let Some(peek) = state.peek.take() {
        state.rooms[state.current].return_to(peek.reading);
    }
}

/// One is here for good: the room was opened, or one writes in it.
pub(super) fn open(state: &mut State) {
    state.peek = None;
}

/// Where one is for good: a look into another room is not kept.
pub(super) fn home(state: &State) -> &Place {
    state.peek.as_ref().map_or(&state.room().place, |peek| &peek.from)
}

/// A private conversation got its room, or lost it.
pub(super) fn moved(state: &mut State, from: &Place, to: &Place) {
    if let Some(peek) = state.peek.as_mut().filter(|peek| peek.from == *from) {
        peek.from = to.clone();
    }
}

/// What the row above the draft says, while one peeks.
pub(crate) fn words(state: &State) -> Option<String> {
    state.peek.as_ref().map(|_| WORDS.to_owned())
}
