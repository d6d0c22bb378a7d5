//! The keys that can follow Esc or Ctrl+X, for as long as one is waited for: on the separator
//! where they fit into it, else in rows above it. Nothing moves for them.

use super::{
    canvas::{Canvas, clear, paint, put},
    layout::{Area, Layout},
};
use crate::{
    keymap::{Hint, Prefix},
    safe_text::{self, SafeText},
    state::State,
    theme,
};

/// Cells of the separator that are not for words.
const SEPARATOR_MARGIN: usize = 4;
/// Cells between two columns of hints.
const BETWEEN: usize = 2;

/// The keys that can follow, as they are shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Above the separator, from the top.
    rows: Vec<String>,
    /// On it.
    pub(crate) line: String,
}

impl Hints {
    /// What can follow this prefix.
    pub(crate) fn of(state: &State, prefix: Prefix) -> Self {
        let area = Layout::of(state).map_or_else(Area::default, |layout| layout.panel);
        let columns = usize::from(state.size.columns);
        Self::arranged(prefix, &state.keymap().hints(prefix), columns, usize::from(area.rows))
    }

    /// On one line, or as a table, or where there is hardly place the keys alone.
    fn arranged(prefix: Prefix, hints: &[Hint], columns: usize, rows: usize) -> Self {
        let entries: Vec<String> =
            hints.iter().map(|hint| format!("{} {}", hint.keys, hint.does)).collect();
        let (first, above) = match prefix {
            Prefix::Esc => ("Esc, then", "Esc, then one of these · Esc cancels"),
            Prefix::CtrlX => ("Ctrl+X", "Ctrl+X, then one of these"),
        };
        let line = format!("{first}: {}", entries.join("  "));
        if safe_text::cells(&line) + SEPARATOR_MARGIN <= columns {
            return Self { rows: Vec::new(), line };
        }
        match table(&entries, columns, rows) {
            Some(rows) => Self { rows, line: above.to_owned() },
            None => keys_alone(hints, columns, rows),
        }
    }
}

/// Column by column, in as few rows as can be; `None` where there is no place for it.
fn table(entries: &[String], columns: usize, rows: usize) -> Option<Vec<String>> {
    (1..=rows).find_map(|height| {
        let parts: Vec<&[String]> = entries.chunks(height).collect();
        let widest = |part: &&[String]| part.iter().map(|one| safe_text::cells(one)).max();
        let widths: Vec<usize> = parts.iter().filter_map(widest).collect();
        let needed = widths.iter().map(|width| width + BETWEEN).sum::<usize>();
        let row = |at: usize| {
            let cell = |(part, width): (&&[String], &usize)| {
                let entry = part.get(at).map_or("", String::as_str);
                format!("{entry}{}", " ".repeat(width + BETWEEN - safe_text::cells(entry)))
            };
            format!(" {}", parts.iter().zip(&widths).map(cell).collect::<String>())
        };
        (needed < columns + BETWEEN).then(|| (0..height).map(row).collect())
    })
}

/// The keys without words, in these rows and on the separator.
fn keys_alone(hints: &[Hint], columns: usize, rows: usize) -> Hints {
    let mut keys = hints.iter().flat_map(|hint| hint.keys.split(' ')).peekable();
    let mut line_of = |columns: usize| {
        let mut line = String::new();
        while let Some(key) = keys.peek() {
            let needed = line.len() + usize::from(!line.is_empty()) + key.len();
            if needed > columns {
                break;
            }
            let blank = if line.is_empty() { "" } else { " " };
            line = format!("{line}{blank}{key}");
            keys.next();
        }
        line
    };
    let rows = (0..rows).map(|_| line_of(columns)).collect();
    Hints { rows, line: line_of(columns.saturating_sub(SEPARATOR_MARGIN)) }
}

/// Draws the rows at the end of `area`, while a key is waited for.
pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) {
    let Some(prefix) = state.prefix else { return };
    let hints = Hints::of(state, prefix);
    let count = (hints.rows.len() as u16).min(area.rows);
    let list = Area { y: area.y + area.rows - count, rows: count, ..area };
    clear(canvas, list);
    for (row, at) in hints.rows.iter().zip(0..count) {
        paint(canvas, list, at, theme::offered(false));
        put(canvas, list, 0, at, &SafeText::line(row.trim_end()), theme::offered(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::Keymap;

    fn keys(prefix: Prefix) -> Vec<Hint> {
        Keymap::default().hints(prefix)
    }

    fn shown(prefix: Prefix, columns: usize, rows: usize) -> String {
        let Hints { rows, line } = Hints::arranged(prefix, &keys(prefix), columns, rows);
        rows.iter().map(|row| row.trim_end()).chain([line.as_str()]).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_key_is_shown_whole_at_every_size() {
        for (columns, rows) in [(80, 20), (60, 12), (40, 6), (30, 4), (20, 1)] {
            let shown = shown(Prefix::Esc, columns, rows);
            let words: Vec<&str> = shown.split_whitespace().collect();
            for hint in keys(Prefix::Esc) {
                let keys = hint.keys.split(' ');
                assert!(keys.clone().all(|key| words.contains(&key)), "{hint:?} at {columns}");
            }
            assert!(shown.lines().all(|line| safe_text::cells(line) <= columns), "{shown}");
            assert!(shown.lines().count() <= rows + 1, "{shown}");
        }
    }

    #[test]
    fn few_hints_fit_on_the_separator() {
        let line = "Ctrl+X: Ctrl+U undo  Ctrl+E editor";
        assert_eq!(shown(Prefix::CtrlX, 80, 20), line);
        let rows = " Ctrl+U undo  Ctrl+E editor\nCtrl+X, then one of these";
        assert_eq!(shown(Prefix::CtrlX, 30, 6), rows);
    }

    #[test]
    fn where_nothing_fits_nothing_breaks() {
        for columns in 0..20 {
            for rows in 0..3 {
                shown(Prefix::Esc, columns, rows);
                shown(Prefix::CtrlX, columns, rows);
            }
        }
    }
}
