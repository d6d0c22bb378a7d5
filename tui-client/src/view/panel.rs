//! A panel over the scrollback.

use ratatui::buffer::Buffer;

use super::{
    canvas::{clear, paint, put},
    layout::{Area, panel_height, panel_rows},
};
use crate::{
    panel::{Body, Panel},
    safe_text::SafeText,
    state::State,
    theme,
};

/// Draws the panel, if there is one. Where the cursor is, if one writes in it.
pub(super) fn draw(state: &State, area: Area, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let panel = state.panel.as_ref()?;
    clear(buffer, area);
    let cursor = title(panel, area, buffer);
    let rows = panel_rows(state);
    let height = panel_height(state);
    let first = panel.scroll.min(rows.len().saturating_sub(height));
    for (row, at) in rows.iter().skip(first).take(height).zip(1..) {
        let style = if row.chosen { theme::chosen() } else { theme::plain() };
        if row.chosen {
            put(buffer, area, 0, at, &SafeText::line(">"), style);
        }
        put(buffer, area, 1, at, &row.text, style);
    }
    if rows.len() > height {
        let last = (first + height).min(rows.len());
        let place = SafeText::line(&format!(" {}–{last} of {} ", first + 1, rows.len()));
        let column = area.columns.saturating_sub(place.cells() as u16);
        put(buffer, area, column, 0, &place, theme::panel_title());
    }
    cursor
}

/// `Help · Esc closes`, or `Go to: wor▌`.
fn title(panel: &Panel, area: Area, buffer: &mut Buffer) -> Option<(u16, u16)> {
    paint(buffer, area, 0, theme::panel_title());
    let place = usize::from(area.columns).saturating_sub(2);
    match &panel.body {
        Body::Lines(_) | Body::People => {
            let title = SafeText::line(&format!("{} · Esc closes", panel.title)).fitted(place);
            put(buffer, area, 1, 0, &title, theme::panel_title());
            None
        }
        Body::GoTo(go_to) => {
            let label = SafeText::line(&format!("{}: ", panel.title)).fitted(place);
            let column = put(buffer, area, 1, 0, &label, theme::panel_title());
            let (before, after) = go_to.query.text().split_at(go_to.query.cursor());
            let typed = SafeText::line(before);
            let cursor = put(buffer, area, column, 0, &typed, theme::panel_title());
            put(buffer, area, cursor, 0, &SafeText::line(after), theme::panel_title());
            Some((area.x + cursor.min(area.columns - 1), area.y))
        }
    }
}
