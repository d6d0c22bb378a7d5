//! What a click does: what a key or a command does, too.

use std::time::Duration;

use protocol::UserName;

use crate::{
    command,
    effect::Effect,
    event::{At, Now},
    panel::Choice,
    state::State,
    timeline::{Scroll, Selected},
    update::{completing, going, links, places, selecting},
    view::under::{self, Under},
};

/// How long it is said how to select.
const HINT_STAYS: Duration = Duration::from_secs(5);

/// The mouse is drawn over the screen as if to select, which is the terminal's business.
pub(super) fn drag(state: &mut State, now: Now) {
    if state.mouse.drag() {
        let hint = "Shift+drag selects; Alt+L for bare view";
        state.separator.hint_until(hint, now.mono + HINT_STAYS);
    }
}

/// The button came up.
pub(super) fn release(state: &mut State, at: At, now: Now) -> Vec<Effect> {
    let is_click = state.mouse.release(at) && state.bare.is_none();
    // A key that was waited for is waited for no longer, as after any other. And a question is to
    // be answered before one goes anywhere.
    if !is_click || state.prefix.take().is_some() || state.prompt.is_some() {
        return Vec::new();
    }
    click(state, under::under(state, at), now)
}

fn click(state: &mut State, what: Under, now: Now) -> Vec<Effect> {
    match what {
        Under::Nothing => {}
        Under::Draft { row, column } => write_at(state, row, column),
        Under::Offered(index) => completing::choose(state, index),
        Under::Newest => newest(state),
        Under::Unread => going::scroll_room(state, Scroll::Back),
        Under::Preview => return preview(state),
        Under::Room(index) => return go(state, |state| places::show(state, index)),
        Under::Person(name) => return open_person(state, &name),
        Under::Link(address) => return links::open(state, address),
        Under::Said(what) => select(state, what),
        Under::Goal(index) => return going::choose_nth(state, index, now),
        Under::Choice(choice) => return choose(state, choice, now),
    }
    Vec::new()
}

/// The cursor goes there.
fn write_at(state: &mut State, row: usize, column: usize) {
    selecting::leave(state);
    state.composer.completion = None;
    state.composer.is_cutting = false;
    state.panel.take_if(|panel| panel.is_go_to());
    let width = state.draft_width();
    state.composer.draft.go_to(row, column, width);
}

fn newest(state: &mut State) {
    selecting::leave(state);
    going::scroll_room(state, Scroll::Newest);
}

fn preview(state: &mut State) -> Vec<Effect> {
    let place = state.separator.preview_place();
    let index = place.and_then(|place| places::index_of(state, place));
    index.map_or_else(Vec::new, |index| go(state, |state| places::show(state, index)))
}

/// Goes somewhere else: what lies over this room is not wanted any more.
fn go(state: &mut State, act: impl FnOnce(&mut State) -> Vec<Effect>) -> Vec<Effect> {
    selecting::leave(state);
    state.panel = None;
    state.composer.completion = None;
    state.alt_a_origin = None;
    act(state)
}

fn open_person(state: &mut State, name: &UserName) -> Vec<Effect> {
    if state.me.as_ref().is_some_and(|me| me.name.key() == name.key()) {
        return Vec::new();
    }
    go(state, |state| places::open_private(state, name))
}

/// A message is selected; a gap is fetched.
fn select(state: &mut State, what: Selected) {
    match what {
        Selected::Gap(_) => state.rooms[state.current].ask_again(),
        Selected::Event(_) | Selected::Outgoing(_) => selecting::at(state, what),
    }
}

fn choose(state: &mut State, choice: Choice, now: Now) -> Vec<Effect> {
    match choice {
        Choice::Room(room) => {
            go(state, |state| going::said(state, |state| command::enter(state, room, now)))
        }
        Choice::Person(name) => open_person(state, &name),
    }
}
