//! The column of rooms.

use super::{
    canvas::{Canvas, clear, put},
    layout::Area,
};
use crate::{room::Room, safe_text::SafeText, state::State, theme};

pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) {
    clear(canvas, area);
    let line = SafeText::line("│");
    for row in 0..area.rows {
        put(canvas, area, area.columns - 2, row, &line, theme::faint());
    }
    let inner = Area { columns: area.columns - 3, ..area };
    let first = first_shown(state, area);
    for ((index, room), row) in state.rooms.iter().enumerate().skip(first).zip(0..area.rows) {
        draw_room(room, index == state.current, row, inner, canvas);
    }
}

/// The first of the rooms that have a row: the one that is shown has.
pub(super) fn first_shown(state: &State, area: Area) -> usize {
    (state.current + 1).saturating_sub(usize::from(area.rows))
}

/// `>lobby`, ` games      4`, ` @Bob      !1`.
fn draw_room(room: &Room, is_shown: bool, row: u16, area: Area, canvas: &mut Canvas) {
    let style = theme::room(is_shown, room.unread > 0);
    let count = SafeText::line(&count_of(room));
    let count_at = area.columns.saturating_sub(count.cells() as u16);
    let sign = SafeText::line(if is_shown { ">" } else { " " });
    put(canvas, area, 0, row, &sign, style);
    // One cell for the sign, one before the count.
    let name = SafeText::line(&room.title()).fitted(usize::from(count_at.saturating_sub(2)));
    put(canvas, area, 1, row, &name, style);
    put(canvas, area, count_at, row, &count, style);
}

/// How many messages are unread; with `!` if one of them is to oneself.
pub(super) fn count_of(room: &Room) -> String {
    match (room.unread, room.mentions) {
        (0, _) => String::new(),
        (unread, 0) => unread.to_string(),
        (unread, _) if room.is_private() => unread.to_string(),
        (unread, _) => format!("!{unread}"),
    }
}
