//! What is under a cell of the screen: drawing backwards, by the same geometry. PURE.

use protocol::UserName;

use super::{
    composer,
    layout::{Area, Layout, panel_rows, viewport},
    members, menu, panel, rooms,
};
use crate::{
    event::At,
    panel::{Body, Choice},
    separator::Tone,
    state::State,
    timeline::Selected,
};

/// What is under a cell, as far as a click there does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    /// Nothing that one could do something with.
    Nothing,
    /// The title, or the count of what is new below.
    Newest,
    /// The line that tells of what is unread further up.
    Unread,
    /// What was said elsewhere, on the separator.
    Preview,
    /// A room of the column of rooms.
    Room(usize),
    /// Somebody in the column of people.
    Person(UserName),
    /// A link, and where it leads.
    Link(String),
    /// A message, or a gap.
    Said(Selected),
    /// A row of "go to".
    Goal(usize),
    /// A row of another panel that leads somewhere.
    Choice(Choice),
    /// A word that Tab offers.
    Offered(usize),
    /// A row of the draft, and a cell of that.
    Draft {
        /// Of those that the draft takes.
        row: usize,
        /// Of that row.
        column: usize,
    },
}

/// What is under this cell.
pub(crate) fn under(state: &State, at: At) -> Under {
    let Some(layout) = Layout::of(state) else { return Under::Nothing };
    let found = if layout.title.within(at).is_some() {
        Some(Under::Newest)
    } else if layout.separator.within(at).is_some() {
        in_separator(state)
    } else if let Some(at) = layout.composer.within(at) {
        composer::place_at(state, layout.composer, at)
            .map(|(row, column)| Under::Draft { row, column })
    } else {
        in_the_middle(state, &layout, at)
    };
    found.unwrap_or(Under::Nothing)
}

/// Between title and separator, where things lie over each other.
fn in_the_middle(state: &State, layout: &Layout, at: At) -> Option<Under> {
    let menu = menu::list(state, layout.panel);
    if let Some((first, at)) = menu.and_then(|list| Some((list.first, list.area.within(at)?))) {
        return Some(Under::Offered(first + usize::from(at.row)));
    }
    if state.panel.is_some() {
        return in_panel(state, layout.panel.within(at)?);
    }
    let in_area = |area: Option<Area>| area.and_then(|area| Some((area, area.within(at)?)));
    if let Some((area, at)) = in_area(layout.rooms) {
        let index = rooms::first_shown(state, area) + usize::from(at.row);
        return (index < state.rooms.len()).then_some(Under::Room(index));
    }
    if let Some((area, at)) = in_area(layout.people) {
        let mut shown = state.room().members().take(members::shown(state.room(), area));
        let person = shown.nth(usize::from(at.row))?;
        return Some(Under::Person(person.name.clone()));
    }
    in_scrollback(state, layout.scrollback.within(at)?)
}

fn in_panel(state: &State, at: At) -> Option<Under> {
    let shown = state.panel.as_ref()?;
    let rows = panel_rows(state);
    let first = panel::first_row(state, rows.len());
    let line = rows.get(first + usize::from(at.row.checked_sub(1)?))?.line;
    match &shown.body {
        Body::GoTo(_) => Some(Under::Goal(line)),
        Body::People => {
            let person = state.room().members().nth(line)?;
            Some(Under::Choice(Choice::Person(person.name.clone())))
        }
        Body::Lines(_) => shown.choices.get(line).cloned().map(Under::Choice),
    }
}

fn in_scrollback(state: &State, at: At) -> Option<Under> {
    let view = viewport(state);
    let timeline = state.room().timeline();
    let row = usize::from(at.row);
    if timeline.is_pinned(row, &view) {
        return Some(Under::Unread);
    }
    if let Some(target) = timeline.link_at(row, at.column, &view) {
        return Some(Under::Link(target));
    }
    timeline.said_at(row, &view).map(Under::Said)
}

fn in_separator(state: &State) -> Option<Under> {
    match state.separator_line() {
        Some((_, Tone::Preview)) => Some(Under::Preview),
        Some((_, Tone::Answer | Tone::Error)) => None,
        None => (state.room().timeline().below() > 0).then_some(Under::Newest),
    }
}
