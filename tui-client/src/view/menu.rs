//! The words that Tab offers, in a small list over the end of what is said: nothing moves for it.

use super::{
    canvas::{Canvas, clear, paint, put},
    layout::Area,
};
use crate::{
    composer::completion::{Candidate, Completion},
    safe_text::SafeText,
    state::State,
    theme,
};

/// Most rows of the list.
const ROWS_MAX: usize = 6;
/// Rows of what is said that stay in sight; where there are not as many, there is no list.
const SAID_ROWS: usize = 2;
/// Cells before a word, and behind the last: the mark of the chosen one, and a blank.
const MARGIN: usize = 2;

/// The list, and where it is.
pub(super) struct List {
    pub(super) area: Area,
    /// Which candidate its first row has.
    pub(super) first: usize,
    texts: Vec<SafeText>,
    tally: SafeText,
}

/// The list in the last rows of `area`, if there is anything to choose among.
pub(super) fn list(state: &State, area: Area) -> Option<List> {
    let completion = state.composer.completion.as_ref()?;
    let (all, chosen) = (completion.candidates(), completion.chosen());
    let place = usize::from(area.rows).saturating_sub(SAID_ROWS);
    let count = all.len().min(ROWS_MAX).min(place);
    if all.len() < 2 || count == 0 {
        return None;
    }
    let texts = texts(all);
    let tally = tally(completion, count);
    let widest = texts.iter().map(SafeText::cells).max().unwrap_or(0);
    let columns = (widest + tally.cells() + 2 * MARGIN).min(usize::from(area.columns));
    let y = area.y + area.rows - count as u16;
    let area = Area { y, rows: count as u16, columns: columns as u16, ..area };
    // Page by page, so that the words do not run past while one goes round.
    let first = (chosen / count * count).min(all.len() - count);
    Some(List { area, first, texts, tally })
}

/// Draws the list, if there is one.
pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) {
    let Some(completion) = &state.composer.completion else { return };
    let Some(List { area: list, first, texts, tally }) = list(state, area) else { return };
    let (columns, chosen) = (usize::from(list.columns), completion.chosen());
    clear(canvas, list);
    for (index, row) in (first..texts.len()).zip(0..list.rows) {
        let style = theme::offered(index == chosen);
        paint(canvas, list, row, style);
        let mut place = columns.saturating_sub(MARGIN + 1);
        if index == chosen {
            put(canvas, list, 0, row, &SafeText::line(">"), style);
            let column = columns.saturating_sub(tally.cells() + 1) as u16;
            put(canvas, list, column, row, &tally, style);
            place = place.saturating_sub(tally.cells());
        }
        put(canvas, list, MARGIN as u16, row, &texts[index].clone().fitted(place), style);
    }
}

/// ` 3 of 17`, where not all are seen.
fn tally(completion: &Completion, seen: usize) -> SafeText {
    let all = completion.candidates().len();
    if all == seen {
        return SafeText::default();
    }
    SafeText::line(&format!(" {} of {all}", completion.chosen() + 1))
}

/// The words, and in a column beside them what there is to say about them.
fn texts(all: &[Candidate]) -> Vec<SafeText> {
    let labels: Vec<SafeText> = all.iter().map(|one| SafeText::line(&one.label)).collect();
    let widest = labels.iter().map(SafeText::cells).max().unwrap_or(0);
    let with_about = |(label, one): (&SafeText, &Candidate)| {
        if one.about.is_empty() {
            return label.clone();
        }
        let label = label.clone();
        let gap = " ".repeat(widest - label.cells() + MARGIN);
        label.then(&SafeText::line(&gap)).then(&SafeText::line(&one.about))
    };
    labels.iter().zip(all).map(with_about).collect()
}
