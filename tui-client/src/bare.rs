//! The bare view: nothing but what was said, for the terminal's own selection. It stands still:
//! what comes meanwhile is counted, and seen when one is back. PURE.

use crate::{
    state::State,
    timeline::BareRow,
    view::layout::{Area, screen, viewport},
};

/// What the bare view shows.
#[derive(Clone, Debug)]
pub struct Bare {
    /// What was said, when one looked.
    pub rows: Vec<BareRow>,
    /// How much was unread, in all rooms, when it began.
    unread_before: u32,
}

impl Bare {
    /// What is to be seen now.
    pub(crate) fn new(state: &State) -> Self {
        Self { rows: rows(state), unread_before: unread(state) }
    }

    /// What its last row says: how to leave, and how much has come.
    pub fn words(&self, state: &State) -> String {
        let news = unread(state).saturating_sub(self.unread_before);
        let count = if news > 0 { format!(" · {news} new") } else { String::new() };
        format!("Esc returns{count} · select and copy as everywhere in your terminal")
    }
}

/// The part of the screen where things are said: all of it but its last row.
pub fn area(state: &State) -> Area {
    let screen = screen(state);
    Area { rows: screen.rows.saturating_sub(1), ..screen }
}

/// What was said around where one reads.
pub(crate) fn rows(state: &State) -> Vec<BareRow> {
    let area = area(state);
    let timeline = state.room().timeline();
    timeline.bare_rows(area.columns, area.rows, &viewport(state))
}

fn unread(state: &State) -> u32 {
    state.rooms.iter().fold(0, |sum, room| sum.saturating_add(room.unread))
}
