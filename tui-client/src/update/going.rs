//! Scrolling, and going to a place by typing.

use crate::{
    command,
    effect::Effect,
    event::{Now, Size},
    panel::{self, Target},
    state::State,
    timeline::Scroll,
    update::{baring, keys, places},
    view::layout,
};

/// Up or down in a panel; `false` if no panel takes the key.
pub(super) fn step(state: &mut State, by: isize) -> bool {
    let count = state.panel_lines().len();
    let is_draft_empty = state.composer.draft.is_empty();
    let Some(panel) = &mut state.panel else { return false };
    if let Some(go_to) = panel.go_to() {
        go_to.chosen = go_to.chosen.saturating_add_signed(by).min(count.saturating_sub(1));
        let chosen = go_to.chosen;
        show_row(state, chosen);
        return true;
    }
    if is_draft_empty {
        scroll_panel(state, by);
    }
    is_draft_empty
}

/// The wheel turned. In the bare view it is the terminal's own, and this one came too late.
pub(super) fn wheel(state: &mut State, rows: i16) {
    if state.bare.is_none() {
        scroll(state, Scroll::Rows(rows.into()));
    }
}

/// Moves what is seen, of the panel or of the room.
pub(super) fn scroll(state: &mut State, scroll: Scroll) {
    if state.panel.is_none() {
        scroll_room(state, scroll);
        return;
    }
    let page =
        isize::try_from(layout::panel_height(state).saturating_sub(2).max(1)).unwrap_or(isize::MAX);
    match scroll {
        Scroll::Rows(rows) => scroll_panel(state, isize::try_from(rows).unwrap_or(0)),
        Scroll::PageUp => scroll_panel(state, -page),
        Scroll::PageDown => scroll_panel(state, page),
        Scroll::Back => scroll_panel(state, isize::MIN),
        Scroll::Newest => scroll_panel(state, isize::MAX),
    }
}

/// Moves the reading position of the room that is shown.
pub(super) fn scroll_room(state: &mut State, scroll: Scroll) {
    let view = layout::viewport(state);
    state.rooms[state.current].scroll(scroll, &view);
}

/// The terminal has another size.
pub(super) fn resize(state: &mut State, size: Size) {
    state.size = size;
    let view = layout::viewport(state);
    state.rooms[state.current].on_resize(&view);
    scroll_panel(state, 0);
    baring::look_again(state);
}

/// Tells the rooms which of them is looked at, where that has changed.
pub(super) fn look(state: &mut State, now: Now) {
    // What comes while the bare view is there is not seen, and a look in leaves no trace.
    let looks = state.focused && state.bare.is_none() && state.peek.is_none();
    let place = looks.then(|| &state.room().place);
    if place == state.looked_at.as_ref() {
        return;
    }
    let looked_at = place.cloned();
    let before = std::mem::replace(&mut state.looked_at, looked_at);
    if let Some(index) = before.and_then(|place| places::index_of(state, &place)) {
        state.rooms[index].look(false, now.wall);
    }
    if looks {
        state.rooms[state.current].look(true, now.wall);
    }
}

/// Has what is on the screen laid out, once for all who ask for it from here on.
pub(super) fn lay_out(state: &mut State) {
    if state.has_screen {
        let width = state.draft_width();
        let prompted = state.prompt.as_mut().map(|prompt| &mut prompt.draft);
        prompted.unwrap_or(&mut state.composer.draft).lay_out(width);
        let view = layout::viewport(state);
        state.rooms[state.current].lay_out(&view);
    }
}

/// Tells the room on the screen which part of it is there.
pub(super) fn observe(state: &mut State, now: Now) {
    let view = layout::viewport(state);
    state.rooms[state.current].observe(&view, now.wall);
}

/// Carries out what is chosen in "go to".
pub(super) fn choose(state: &mut State, now: Now) -> Vec<Effect> {
    let Some(go_to) = state.panel.as_mut().and_then(|panel| panel.go_to()) else {
        return Vec::new();
    };
    let (typed, chosen) = (go_to.query.text().to_owned(), go_to.chosen);
    let Some(goal) = panel::goals(state, &typed).into_iter().nth(chosen) else {
        state.separator.error(format!("nothing to go to is called {}", typed.trim()));
        return Vec::new();
    };
    state.panel = None;
    state.separator.clear_said();
    match goal.to {
        Target::Room(index) => places::show(state, index),
        Target::Join(room) => said(state, |state| command::enter(state, room, now)),
        Target::Person(name) => places::open_private(state, &name),
        Target::Key(action) => keys::act(state, action, now),
        Target::Command(command) if command.needs_argument() => {
            begin(state, command.name);
            Vec::new()
        }
        Target::Command(command) => {
            said(state, |state| command::run(state, &format!("/{}", command.name), now))
        }
    }
}

/// Carries out another one than is chosen.
pub(super) fn choose_nth(state: &mut State, index: usize, now: Now) -> Vec<Effect> {
    if let Some(go_to) = state.panel.as_mut().and_then(|panel| panel.go_to()) {
        go_to.chosen = index;
    }
    choose(state, now)
}

/// Begins a command in the draft, unless something is being written.
fn begin(state: &mut State, command: &str) {
    if state.composer.draft.is_empty() {
        state.composer.draft.set(&format!("/{command} "));
    } else {
        state.separator.error(format!("a draft is there; send it first, then /{command}"));
    }
}

/// Does something that can fail; why it did is said on the separator.
pub(super) fn said(
    state: &mut State,
    act: impl FnOnce(&mut State) -> Result<Vec<Effect>, String>,
) -> Vec<Effect> {
    act(state).unwrap_or_else(|why| {
        state.separator.error(why);
        Vec::new()
    })
}

fn scroll_panel(state: &mut State, by: isize) {
    let most = layout::panel_rows(state).len().saturating_sub(layout::panel_height(state));
    if let Some(panel) = &mut state.panel {
        panel.scroll = panel.scroll.saturating_add_signed(by).min(most);
    }
}

/// Scrolls the panel so that this row of it is seen.
fn show_row(state: &mut State, row: usize) {
    let rows = layout::panel_height(state).max(1);
    if let Some(panel) = &mut state.panel {
        panel.scroll = panel.scroll.clamp((row + 1).saturating_sub(rows), row);
    }
}
