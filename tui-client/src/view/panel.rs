//! A panel over the scrollback.

use super::{
    canvas::{Canvas, clear, paint, put},
    layout::{Area, panel_height, panel_rows},
};
use crate::{
    panel::{Body, Panel},
    safe_text::SafeText,
    state::State,
    theme,
};

/// Draws the panel, if there is one. Where the cursor is, if one writes in it.
pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) -> Option<(u16, u16)> {
    let panel = state.panel.as_ref()?;
    clear(canvas, area);
    let cursor = title(panel, area, canvas);
    let rows = panel_rows(state);
    let height = panel_height(state);
    let first = first_row(state, rows.len());
    for (row, at) in rows.iter().skip(first).take(height).zip(1..) {
        let paint = if row.chosen { theme::chosen() } else { theme::plain() };
        if row.chosen {
            put(canvas, area, 0, at, &SafeText::line(">"), paint);
        }
        put(canvas, area, 1, at, &row.text, paint);
    }
    if rows.len() > height {
        let last = (first + height).min(rows.len());
        let place = SafeText::line(&format!(" {}–{last} of {} ", first + 1, rows.len()));
        let column = area.columns.saturating_sub(place.cells() as u16);
        put(canvas, area, column, 0, &place, theme::panel_title());
    }
    cursor
}

/// The first of its rows that is seen.
pub(super) fn first_row(state: &State, rows: usize) -> usize {
    let scroll = state.panel.as_ref().map_or(0, |panel| panel.scroll);
    scroll.min(rows.saturating_sub(panel_height(state)))
}

/// `Help · Esc closes`, or `Go to: wor▌`.
fn title(panel: &Panel, area: Area, canvas: &mut Canvas) -> Option<(u16, u16)> {
    paint(canvas, area, 0, theme::panel_title());
    let place = usize::from(area.columns).saturating_sub(2);
    match &panel.body {
        Body::Lines(_) | Body::People => {
            let title = SafeText::line(&format!("{} · Esc closes", panel.title)).fitted(place);
            put(canvas, area, 1, 0, &title, theme::panel_title());
            None
        }
        Body::GoTo(go_to) => {
            let label = SafeText::line(&format!("{}: ", panel.title)).fitted(place);
            let column = put(canvas, area, 1, 0, &label, theme::panel_title());
            let (before, after) = go_to.query.text().split_at(go_to.query.cursor());
            let typed = SafeText::line(before);
            let cursor = put(canvas, area, column, 0, &typed, theme::panel_title());
            put(canvas, area, cursor, 0, &SafeText::line(after), theme::panel_title());
            Some((area.x + cursor.min(area.columns - 1), area.y))
        }
    }
}
