//! The line above what is new.

use super::*;

#[test]
fn the_unread_line_says_how_much_is_new_and_since_when() {
    let mut timeline = log(3);
    let since = |minutes: i64| Some(Timestamp(START + minutes * 60_000));
    let mut line = UnreadLine { after: seq(1), since: since(0), count: 1204 };
    let words = |timeline: &mut Timeline, line| {
        timeline.set_unread(Some(line));
        shown(timeline, &view(64, 9))[2].trim_matches(['─', ' ']).to_owned()
    };
    assert_eq!(words(&mut timeline, line), "1,204 new since 14:00");
    line.since = since(-15 * 60);
    assert_eq!(words(&mut timeline, line), "1,204 new since Thu 23:00");
    line.since = None;
    assert_eq!(words(&mut timeline, line), "1,204 new");
}

#[test]
fn an_unread_line_above_the_view_is_pinned_and_moves_no_other_row() {
    let mut timeline = log(100);
    let view = view(64, 5);
    let before = shown(&timeline, &view);
    timeline.set_unread(Some(UnreadLine { after: seq(90), since: None, count: 10 }));
    let rows = shown(&timeline, &view);
    assert!(rows[0].contains("─ ↑ 10 new · Home ─"), "{rows:?}");
    assert_eq!(words(&rows[1..]), words(&before[1..]));
    assert!(rows[1].starts_with("14:00 Bob "), "who speaks is told below it: {rows:?}");
    timeline.scroll(Scroll::Back, &view);
    let rows = shown(&timeline, &view);
    assert!(rows[0].contains("─ 10 new ─"), "{rows:?}");
    assert_eq!(words(&rows[1..]), ["m91", "m92", "m93", "m94"]);
}

#[test]
fn paging_shows_every_row_though_one_is_pinned() {
    let mut timeline = log(100);
    let view = view(64, 7);
    timeline.set_unread(Some(UnreadLine { after: seq(10), since: None, count: 90 }));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        seen.extend(words(&shown(&timeline, &view)).into_iter().map(str::to_owned));
        timeline.scroll(Scroll::PageUp, &view);
    }
    assert!((1..=100).all(|number| seen.contains(&format!("m{number}"))), "{seen:?}");
}

#[test]
fn where_the_first_unread_message_is_missing_the_line_waits_for_it() {
    let mut timeline = Timeline::default();
    let view = view(64, 9);
    timeline.start(seq(1), seq(100));
    timeline.insert_page(&[said(100, 0, "Bob", "last")], seq(100), seq(100));
    timeline.set_unread(Some(UnreadLine { after: seq(50), since: None, count: 50 }));
    let has_line = |timeline: &Timeline| shown(timeline, &view).join("").contains("new");
    assert!(!has_line(&timeline), "{:?}", shown(&timeline, &view));
    timeline.insert_page(&[said(51, 0, "Bob", "first")], seq(51), seq(99));
    assert!(has_line(&timeline), "{:?}", shown(&timeline, &view));
}
