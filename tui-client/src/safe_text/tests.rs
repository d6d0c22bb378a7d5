//! What comes through the door, and as what.

use proptest::prelude::*;
use ratatui::buffer::CellWidth as _;

use super::*;

fn shown(source: &str) -> String {
    SafeText::line(source).as_str().to_owned()
}

#[test]
fn what_cannot_be_seen_is_shown_in_words() {
    assert_eq!(shown("a\u{1b}[31mb\u{7f}\u{9b}"), "a<U+001B>[31mb<U+007F><U+009B>");
    assert_eq!(shown("pay\u{202E}lap\u{2066}x"), "pay<U+202E>lap<U+2066>x");
    assert_eq!(shown("a\u{200B}b\u{FEFF}\u{AD}"), "a<U+200B>b<U+FEFF><U+00AD>");
    assert_eq!(shown("x\u{E0041}\u{E0042}"), "x<U+E0041><U+E0042>");
    assert_eq!(shown("a\u{2028}b"), "a<U+2028>b");
    assert_eq!(shown("\u{FDD0}\u{1FFFE}\u{FFFF}"), "<U+FDD0><U+1FFFE><U+FFFF>");
    assert_eq!(shown("a\tb\nc\r\nd\re"), "a    b↵c↵d<U+000D>e");
}

#[test]
fn what_is_copied_keeps_its_lines_and_tabs_and_hides_nothing() {
    assert_eq!(copied("a\n\tb\n"), "a\n\tb\n");
    assert_eq!(copied("x\u{202E}y\u{1b}[201~\rz"), "x<U+202E>y<U+001B>[201~<U+000D>z");
    assert_eq!(copied("👩‍👩‍👧‍👦 é"), "👩‍👩‍👧‍👦 é");
}

#[test]
fn joined_emoji_flags_keycaps_and_scripts_stay_what_they_are() {
    for text in ["👩‍👩‍👧‍👦", "🇪🇸🇩🇪", "1️⃣", "❤️‍🔥", "क्षि", "می‌خواهم", "שלום", "日本語"]
        .into_iter()
        .chain(["👍🏽", "é", "ｶﾞ"])
    {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn halfwidth_sound_marks_take_one_cell_each() {
    assert_eq!(cells("ｶﾞ"), 2);
    assert_eq!(cells("ﾊﾟﾝﾀﾞ"), 5);
}

#[test]
fn a_joiner_with_nothing_to_join_is_shown() {
    assert_eq!(shown("a\u{200D}b"), "a<U+200D>b");
    assert_eq!(shown("\u{200D}"), "<U+200D>");
    assert_eq!(shown("é\u{FE0F}\u{FE0F}"), "é\u{FE0F}<U+FE0F>");
    assert_eq!(shown("م\u{200C}\u{200C}"), "م\u{200C}<U+200C>");
}

#[test]
fn marks_beyond_the_eighth_and_marks_without_a_base_are_shown() {
    assert_eq!(shown("\u{301}a"), "<U+0301>a");
    let tower = format!("a{}", "\u{301}".repeat(10));
    let eight = format!("a{}", "\u{301}".repeat(8));
    assert_eq!(shown(&tower), format!("{eight}<U+0301><U+0301>"));
}

#[test]
fn an_endless_cluster_falls_into_pieces() {
    let chain = "👩\u{200D}".repeat(40);
    let safe = SafeText::line(&chain);
    assert!(safe.glyphs().all(|(_, shown)| shown.len() <= GLYPH_BYTES_MAX));
    assert!(safe.as_str().contains("<U+200D>"));
}

#[test]
fn what_does_not_fit_ends_in_an_ellipsis() {
    let fitted = |text: &str, cells| SafeText::line(text).fitted(cells).as_str().to_owned();
    assert_eq!(fitted("Bartholomew", 11), "Bartholomew");
    assert_eq!(fitted("Bartholomew", 5), "Bart…");
    assert_eq!(fitted("日本語", 4), "日…");
    assert_eq!(fitted("日本語", 1), "…");
    assert_eq!(fitted("日本語", 0), "");
}

fn any_text() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just('\u{200D}'),
        Just('\u{200C}'),
        Just('\u{FE0F}'),
        Just('\u{301}'),
        Just('\u{1b}'),
        Just('\u{202E}'),
        Just('👩'),
        Just('🏽'),
        Just('日'),
        Just('ﾞ'),
        Just('ｶ'),
        Just('क'),
        Just('\u{94D}'),
        Just('\u{1100}'),
        Just('\u{1161}'),
        Just('\n'),
        Just('\t'),
        Just('a'),
        Just('ل'),
        Just('ا'),
        Just('\u{1F1E6}'),
        Just('\u{600}'),
        Just('\u{E0061}'),
    ];
    prop::collection::vec(prop_oneof![3 => nasty, 1 => any::<char>()], 0..60)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn nothing_invisible_comes_through(source in any_text()) {
        let safe = SafeText::line(&source);
        for (_, shown) in safe.glyphs() {
            let mut before = None;
            for c in shown.chars() {
                prop_assert!(!is_invisible(c) || (is_joiner(c) && before.is_some()), "{c:?}");
                before = Some(c);
            }
        }
    }

    #[test]
    fn graphemes_are_those_of_the_standard(source in any_text(), plain in "[a-zé─ж \n]{0,9}") {
        let text = format!("{plain}{source}{plain}");
        let mut at = 0;
        for (start, grapheme) in text.grapheme_indices(true) {
            prop_assert_eq!(at, start);
            prop_assert_eq!(first_grapheme(&text[at..]), Some(grapheme));
            at += grapheme.len();
        }
    }

    #[test]
    fn a_glyph_takes_the_cells_that_ratatui_gives_it(source in any_text()) {
        let is_sound_mark = |c: &char| matches!(c, '\u{FF9E}' | '\u{FF9F}');
        for (glyph, shown) in SafeText::line(&source).glyphs() {
            let sound_marks = shown.chars().filter(is_sound_mark).count() as u16;
            let cells = shown.cell_width() - sound_marks;
            prop_assert_eq!(glyph.cells, cells, "{:?}", shown);
            prop_assert!(glyph.cells > 0);
            prop_assert!(usize::from(glyph.cells) <= GLYPH_CELLS_MAX.max(10));
        }
    }

    #[test]
    fn offsets_rise_and_slices_join_to_the_whole(source in any_text(), at in 0usize..60) {
        let safe = SafeText::line(&source);
        let offsets: Vec<usize> = safe.glyphs().map(|(glyph, _)| glyph.offset).collect();
        prop_assert!(offsets.is_sorted());
        let at = at.min(offsets.len());
        let joined = safe.slice(0..at).then(&safe.slice(at..offsets.len()));
        prop_assert_eq!(joined, safe);
    }
}
