//! The scrollback: what was said, or in an empty room how to begin.

use super::{
    canvas::{Canvas, clear, paint, put},
    layout::{Area, viewport},
};
use crate::{
    safe_text::SafeText,
    state::State,
    theme,
    theme::Cast,
    timeline::{Ink, Row, Speaker},
    wrap::wrap,
};

/// How one begins.
const HINT: &str = "Type and press Enter. /join ROOM  /msg NAME  /help  Esc shows keys.";
/// The same in one row where there are fewer columns than that.
const SHORT_HINT: &str = "Type and press Enter. Esc shows keys.";
const NARROW: u16 = 60;

pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) {
    clear(canvas, area);
    let view = viewport(state);
    let timeline = state.room().timeline();
    let mut rows = timeline.rows(&view);
    let mut top = 0;
    if timeline.is_empty() && view.tail.is_empty() {
        // Who has come meanwhile is told even where there is hardly place for the rest.
        let most = if timeline.has_announced() { area.rows } else { area.rows.div_ceil(3) };
        let told = rows.len().min(usize::from(most));
        rows.drain(..rows.len() - told);
        top = welcome(state, Area { rows: area.rows - told as u16, ..area }, canvas);
    }
    let cast = Cast::of(speakers(&rows), timeline.first_speakers(), canvas.palette().authors());
    for (row, at) in rows.iter().zip(top..area.rows) {
        draw_row(row, at, &cast, area, canvas);
    }
}

/// Whose names are in these rows; some more than once.
fn speakers(rows: &[Row]) -> impl Iterator<Item = Speaker> {
    rows.iter().flat_map(|row| &row.pieces).filter_map(|piece| match piece.ink {
        Ink::Author(speaker) => Some(speaker),
        _ => None,
    })
}

fn draw_row(row: &Row, at: u16, cast: &Cast, area: Area, canvas: &mut Canvas) {
    for piece in &row.pieces {
        put(canvas, area, piece.column, at, &piece.text, theme::ink(piece.ink, cast));
    }
    for (columns, link) in &row.links {
        canvas.link(area, columns.clone(), at, link);
    }
    if row.is_selected {
        paint(canvas, area, at, theme::chosen());
    }
}

/// What an empty room says until its first message; without its blank lines where place is
/// scarce. The row below it.
fn welcome(state: &State, area: Area, canvas: &mut Canvas) -> u16 {
    let columns = usize::from(area.columns).saturating_sub(2);
    let mut rows: Vec<SafeText> = welcome_lines(state)
        .iter()
        .flat_map(|line| wrap(line, columns, columns))
        .map(|row| row.text)
        .collect();
    if rows.len() >= usize::from(area.rows) {
        rows.retain(|row| !row.is_empty());
    }
    for (row, at) in rows.iter().zip(0..area.rows) {
        put(canvas, area, 1, at, row, theme::plain());
    }
    (rows.len() as u16 + 1).min(area.rows)
}

fn welcome_lines(state: &State) -> Vec<String> {
    let room = state.room();
    let hub = &state.settings.hub;
    let Some(me) = state.me.as_ref().filter(|_| room.is_known() || room.is_private()) else {
        return Vec::new();
    };
    if let Some(peer) = &room.peer {
        return vec![
            format!("You are {}, alone with {peer}. Nobody else can read this.", me.name),
            String::new(),
            "Type and press Enter.  /leave  /help  Esc shows keys.".into(),
        ];
    }
    let mut lines = vec![format!("You are {} in {}, on {hub}.", me.name, room.title())];
    lines.push(String::new());
    lines.extend(state.settings.invite.iter().cloned());
    lines.push(String::new());
    lines.push(if state.size.columns < NARROW { SHORT_HINT.into() } else { HINT.into() });
    lines
}
