//! The bare view: what was said and a row that says how to leave; no cursor, nothing else.

use super::{
    canvas::{Canvas, put},
    layout::Area,
};
use crate::{
    bare::{self, Bare},
    safe_text::SafeText,
    state::State,
    theme,
};

pub(super) fn draw(state: &State, bare: &Bare, canvas: &mut Canvas) {
    let area = bare::area(state);
    for (row, at) in bare.rows.iter().zip(0..area.rows) {
        put(canvas, area, 0, at, &row.text, theme::plain());
        for (columns, link) in &row.links {
            canvas.link(area, columns.clone(), at, link);
        }
        if row.goes_on {
            canvas.set_goes_on(area.y + at);
        }
    }
    let last = Area { y: area.y + area.rows, rows: 1, ..area };
    let place = usize::from(area.columns).saturating_sub(2);
    let words = SafeText::line(&bare.words(state)).fitted(place);
    put(canvas, last, 1, 0, &words, theme::panel_title());
}
