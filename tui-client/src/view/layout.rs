//! Where everything is: plain geometry, without a terminal library, so that `update` can ask the
//! same as `view` draws (how many rows is a page, how many does the panel have). PURE.

use std::sync::Arc;

use crate::{
    announcements, event::At, outbox::Outgoing, panel::Body, safe_text::SafeText, state::State,
    timeline::Viewport, view::composer, wrap::wrap,
};

/// Below this there is nothing sensible to show.
pub const COLUMNS_MIN: u16 = 20;
/// Below this there is nothing sensible to show.
pub const ROWS_MIN: u16 = 5;
/// Cells of the column of rooms, and of that of people, with the line beside it and a blank
/// between that and what is said.
pub const SIDE: u16 = 16;
/// Most rows of the composer, also at most a third of the screen.
const COMPOSER_ROWS_MAX: u16 = 6;

/// A part of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// How wide it is.
    pub columns: u16,
    /// How high it is.
    pub rows: u16,
}

impl Area {
    /// The same cell as counted in this area, if it is in it.
    pub(crate) fn within(self, at: At) -> Option<At> {
        let column = at.column.checked_sub(self.x).filter(|column| *column < self.columns)?;
        let row = at.row.checked_sub(self.y).filter(|row| *row < self.rows)?;
        Some(At { column, row })
    }
}

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Room, topic, how many are here.
    pub title: Area,
    /// The rooms, from the second one on, where there is width for it.
    pub rooms: Option<Area>,
    /// What is said.
    pub scrollback: Area,
    /// Where a panel lies: over all between title and separator.
    pub panel: Area,
    /// The people in the room, where there is width for it.
    pub people: Option<Area>,
    /// Always there, so that nothing shifts when it speaks.
    pub separator: Area,
    /// What is being written.
    pub composer: Area,
    /// The connection, who one is, what is unread.
    pub status: Area,
}

/// A row of a panel, as drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelRow {
    /// What it says.
    pub text: SafeText,
    /// Whether it is the chosen one.
    pub chosen: bool,
    /// Of which line of the panel it is a part.
    pub line: usize,
}

impl Layout {
    /// The parts of the screen; `None` if it is too small.
    pub fn of(state: &State) -> Option<Self> {
        let screen = screen(state);
        if screen.columns < COLUMNS_MIN || screen.rows < ROWS_MIN {
            return None;
        }
        let most = COMPOSER_ROWS_MAX.min(screen.rows / 3);
        let written = u16::try_from(composer::lines(state).rows).unwrap_or(u16::MAX);
        Some(Self::new(screen, written.clamp(1, most), state.rooms.len()))
    }

    fn new(screen: Area, composer_rows: u16, rooms: usize) -> Self {
        let row = |y: u16, rows: u16| Area { y, rows, ..screen };
        let status = screen.rows - 1;
        let composer = status - composer_rows;
        let separator = composer - 1;
        let middle = row(1, separator - 1);
        let has_rooms = rooms > 1 && screen.columns >= 80;
        let has_people = screen.columns >= if rooms > 1 { 100 } else { 80 };
        let left = if has_rooms { SIDE } else { 0 };
        let right = if has_people { SIDE } else { 0 };
        let columns = screen.columns - left - right;
        Self {
            title: row(0, 1),
            rooms: has_rooms.then_some(Area { columns: SIDE, ..middle }),
            scrollback: Area { x: left, columns, ..middle },
            people: has_people.then_some(Area { x: left + columns, columns: SIDE, ..middle }),
            panel: middle,
            separator: row(separator, 1),
            composer: row(composer, composer_rows),
            status: row(status, 1),
        }
    }
}

/// The whole terminal.
pub fn screen(state: &State) -> Area {
    Area { x: 0, y: 0, columns: state.size.columns, rows: state.size.rows }
}

/// How the scrollback of the room that is shown is looked at.
pub fn viewport(state: &State) -> Viewport {
    let area = Layout::of(state).map_or_else(Area::default, |layout| layout.scrollback);
    let author = match state.size.columns {
        0..60 => 0,
        60..80 => 8,
        80.. => 12,
    };
    Viewport {
        columns: area.columns.max(COLUMNS_MIN),
        rows: area.rows.max(1),
        author,
        time_zone: state.settings.time_zone.clone(),
        me: state.me.as_ref().map(|me| me.name.clone()).or_else(|| state.settings.name.clone()),
        tail: tail(state),
        selected: state.selection.as_ref().map(|selection| selection.at.clone()),
    }
}

/// One's own messages on their way here, then what one announces to everyone, which is shown in
/// every room.
fn tail(state: &State) -> Vec<Arc<Outgoing>> {
    let (here, everywhere) = (&state.room().place, announcements::place());
    let to_all = (*here != everywhere).then_some(&everywhere);
    let to_all = to_all.into_iter().flat_map(|place| state.outbox.shared(place));
    let to_all = to_all.filter(|message| message.is_to_all());
    state.outbox.shared(here).chain(to_all).cloned().collect()
}

/// How many rows of its content a panel shows: all of the scrollback but its title.
pub fn panel_height(state: &State) -> usize {
    usize::from(viewport(state).rows).saturating_sub(1).max(1)
}

/// The rows of the panel, all of them, as wide as it is: its scroll position counts these.
/// Answers are wrapped; what can be chosen has one row each.
pub fn panel_rows(state: &State) -> Vec<PanelRow> {
    let columns = usize::from(state.size.columns).saturating_sub(2).max(1);
    let Some(panel) = &state.panel else { return Vec::new() };
    let wraps = match panel.body {
        Body::Lines(_) | Body::People => true,
        Body::GoTo(_) => false,
    };
    let mut rows = Vec::new();
    for (number, line) in state.panel_lines().into_iter().enumerate() {
        let chosen = line.chosen;
        if wraps {
            let wrapped = wrap(&line.text, columns, columns.saturating_sub(2));
            rows.extend(wrapped.into_iter().enumerate().map(|(index, row)| {
                let indent = SafeText::line(if index == 0 { "" } else { "  " });
                PanelRow { text: indent.then(&row.text), chosen, line: number }
            }));
        } else {
            let text = SafeText::line(&line.text).fitted(columns);
            rows.push(PanelRow { text, chosen, line: number });
        }
    }
    rows
}
