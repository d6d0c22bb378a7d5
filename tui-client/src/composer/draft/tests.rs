//! A draft, its cursor and its rows.

use proptest::prelude::*;

use super::*;

fn rows(text: &str, width: usize) -> Vec<&str> {
    Draft::of(text).rows(width).iter().map(|row| &text[row.clone()]).collect()
}

#[test]
fn rows_break_at_the_width_and_at_line_ends() {
    assert_eq!(rows("abcdef", 5), ["abcd", "ef"]);
    assert_eq!(rows("ab\n\ncd\n", 5), ["ab", "", "cd", ""]);
    assert_eq!(rows("日本語", 5), ["日本", "語"]);
    assert_eq!(rows("", 5), [""]);
}

#[test]
fn up_and_down_go_by_rows_of_the_screen() {
    let mut draft = Draft::of("abcdef");
    assert!(draft.up(5));
    assert_eq!(draft.cursor_cell(5), (0, 2));
    assert!(!draft.up(5));
    draft.line_end();
    assert!(!draft.down(5));
}

#[test]
fn a_mark_that_joins_what_is_before_it_takes_the_cursor_along() {
    let mut draft = Draft::of("ae");
    draft.left();
    assert!(draft.insert("\u{301}"));
    assert_eq!((draft.text(), draft.cursor()), ("a\u{301}e", 3));
    draft.set("\u{301}");
    draft.line_start();
    assert!(draft.insert("e"));
    assert_eq!(draft.cursor(), draft.text().len());
}

proptest! {
    #[test]
    fn rows_that_are_laid_out_are_those_of_the_text(
        what in prop::collection::vec((0u8..9, "[a-z日é\u{301}👩\u{200d} \n]{1,9}"), 1..30),
        width in 1usize..20,
    ) {
        let mut draft = Draft::default();
        for (key, text) in what {
            draft.lay_out(width);
            match key {
                0 => draft.backspace(),
                1 => drop(draft.kill_to_line_start()),
                2 => drop(draft.undo()),
                3 => drop(draft.redo()),
                4 => drop(draft.take()),
                5 => draft.transpose(),
                6 => draft.left(),
                7 => draft.set(&text),
                _ => drop(draft.insert(&text)),
            }
            let fresh = fresh_rows(draft.text(), width);
            prop_assert_eq!(draft.rows(width).into_owned(), fresh);
        }
    }

    #[test]
    fn rows_hold_all_of_the_text_and_the_cursor_has_a_cell(
        text in "[a-z日é\u{301}👩\u{200d} \n\t🇩🇪]{0,40}", width in 1usize..20, left in 0usize..20,
    ) {
        let mut draft = Draft::of(text.clone());
        (0..left).for_each(|_| draft.left());
        let rows = draft.rows(width).into_owned();
        let held: String = rows.iter().map(|row| &text[row.clone()]).collect();
        prop_assert_eq!(held, text.replace('\n', ""));
        for row in &rows {
            let row = &text[row.clone()];
            let is_one = row.graphemes(true).count() <= 1;
            prop_assert!(text_cells(row) < width || is_one, "{:?}", row);
        }
        let (row, column) = draft.cursor_cell(width);
        prop_assert!(row < rows.len());
        let before = &text[rows[row].start..draft.cursor()];
        prop_assert_eq!(column, text_cells(before));
    }
}
