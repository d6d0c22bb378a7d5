//! The column of people.

use protocol::server::{Member, Role};

use super::{
    canvas::{Canvas, clear, put},
    layout::Area,
};
use crate::{room::Room, safe_text::SafeText, state::State, theme};

pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) {
    clear(canvas, area);
    let line = SafeText::line("│");
    for row in 0..area.rows {
        put(canvas, area, 1, row, &line, theme::faint());
    }
    let inner = Area { x: area.x + 3, columns: area.columns - 3, ..area };
    let room = state.room();
    let (shown, count) = (shown(room, area), count(room));
    for (member, row) in room.members().take(shown).zip(0..) {
        draw_member(member, state, row, inner, canvas);
    }
    if count > shown {
        let more = SafeText::line(&format!("… {} more", count - shown));
        put(canvas, inner, 0, shown as u16, &more, theme::faint());
    }
}

/// How many of them have a row.
pub(super) fn shown(room: &Room, area: Area) -> usize {
    let place = usize::from(area.rows);
    let names = if count(room) > place { place.saturating_sub(1) } else { place };
    names.min(room.members().count())
}

fn count(room: &Room) -> usize {
    usize::try_from(room.count).unwrap_or(usize::MAX).max(room.members().count())
}

/// `Ana (you)`, `Bob`, `cyd  away`, `Dan  op`.
fn draw_member(member: &Member, state: &State, row: u16, area: Area, canvas: &mut Canvas) {
    let is_me = state.me.as_ref().is_some_and(|me| me.name == member.name);
    let is_ignored = state.noticing.ignoring.has_named(&member.name);
    let note = match (is_me, &member.away, member.role) {
        (true, ..) => " (you)",
        (false, ..) if is_ignored => "  ignored",
        (false, Some(_), _) => "  away",
        (false, None, Role::Operator) => "  op",
        (false, None, Role::Member) => "",
    };
    let place = usize::from(area.columns) - note.len();
    let name = SafeText::line(member.name.as_str()).fitted(place);
    let style = if member.away.is_some() || is_ignored { theme::faint() } else { theme::plain() };
    let column = put(canvas, area, 0, row, &name, style);
    put(canvas, area, column, row, &SafeText::line(note), theme::faint());
}
