//! What the scrollback shows, and that the line under one's eyes stays where it is.

use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use protocol::UserName;
use protocol::{EventKind, Identity, MessageText, RequestId, RoomEvent, RoomName, Seq, Timestamp};

use super::*;
use crate::{
    outbox::{Outgoing, Stage},
    place::Place,
};

/// Friday, 21 November 2025, 14:00 UTC.
const START: i64 = 1_763_733_600_000;

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn said(number: u64, minute: i64, from: &str, text: &str) -> RoomEvent {
    RoomEvent {
        room: RoomName::lobby(),
        seq: seq(number),
        at: Timestamp(START + minute * 60_000),
        from: name(from),
        by: Identity::from_bytes([from.as_bytes()[0]; 16]),
        kind: EventKind::Message,
        id: RequestId::parse(&format!("id-{number}")).unwrap(),
        text: Some(MessageText::parse(text).unwrap()),
        reply_to: None,
        target: None,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    }
}

fn queued(id: &str, text: &str) -> Outgoing {
    Outgoing {
        id: RequestId::parse(id).unwrap(),
        place: Place::Room(RoomName::lobby()),
        to: None,
        reply_to: None,
        text: MessageText::parse(text).unwrap(),
        typed: Timestamp(START),
        stage: Stage::Queued,
        tried: false,
    }
}

fn view(columns: u16, rows: u16) -> Viewport {
    Viewport {
        columns,
        rows,
        author: if columns < 60 { 0 } else { 12 },
        time_zone: TimeZone::UTC,
        me: Some(name("Ana")),
        tail: Vec::new(),
        selected: None,
    }
}

fn shown(timeline: &Timeline, view: &Viewport) -> Vec<String> {
    timeline.rows(view).iter().map(|row| row.to_text().trim_end().to_owned()).collect()
}

/// A log of `count` messages of one word each, `m1`, `m2`, …, all of one minute.
fn log(count: u64) -> Timeline {
    let mut timeline = Timeline::default();
    for number in 1..=count {
        timeline.append(said(number, 0, "Bob", &format!("m{number}")));
    }
    timeline
}

/// The last word of each row, which in [`log`] is the message.
fn words(rows: &[String]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.split_whitespace().last()).collect()
}

#[test]
fn author_and_time_stand_once_per_author_and_minute() {
    let mut timeline = Timeline::default();
    timeline.append(said(1, 0, "Bob", "hi"));
    timeline.append(said(2, 0, "Bob", "again"));
    timeline.append(said(3, 1, "Bob", "later"));
    timeline.append(said(4, 1, "cyd", "/me waves"));
    assert_eq!(
        shown(&timeline, &view(64, 9))[1..],
        [
            "14:00 Bob         hi",
            "                  again",
            "14:01 Bob         later",
            "14:01 *           cyd waves",
        ]
    );
    assert_eq!(
        shown(&timeline, &view(20, 9))[1..],
        ["14:00 Bob: hi", "  again", "14:01 Bob: later", "14:01 * cyd waves",]
    );
}

#[test]
fn a_long_message_hangs_below_its_text() {
    let mut timeline = Timeline::default();
    timeline.append(said(1, 0, "Bob", "one two three four five"));
    assert_eq!(shown(&timeline, &view(20, 9))[1..], ["14:00 Bob: one two", "  three four five",]);
}

#[test]
fn days_are_told_apart_where_the_user_is() {
    let mut timeline = Timeline::default();
    timeline.append(said(1, 0, "Bob", "today"));
    timeline.append(said(2, 11 * 60, "Bob", "tomorrow"));
    let rows = shown(&timeline, &view(32, 9));
    assert!(rows[0].contains("─ Fri 21 November ─"), "{rows:?}");
    assert!(rows[2].contains("─ Sat 22 November ─"), "{rows:?}");
    let mut west = view(32, 9);
    west.time_zone = TimeZone::fixed(jiff::tz::offset(-5));
    assert_eq!(shown(&timeline, &west).len(), 3, "there it is one day");
}

#[test]
fn the_unread_line_stands_before_the_first_unread_message() {
    let mut timeline = log(3);
    timeline.set_unread(Some(UnreadLine::after(seq(1))));
    let rows = shown(&timeline, &view(64, 9));
    assert!(rows[2].contains("─ unread ─"), "{rows:?}");
    assert_eq!(words(&rows[3..]), ["m2", "m3"]);
}

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

#[test]
fn a_missing_range_is_a_row_that_says_how_much_is_missing() {
    let mut timeline = Timeline::default();
    timeline.start(seq(1), seq(1240));
    timeline.insert_page(&[said(1240, 0, "Bob", "last")], seq(1240), seq(1240));
    timeline.append(said(1250, 0, "Bob", "new"));
    let rows = shown(&timeline, &view(64, 9));
    assert_eq!(rows[0].trim(), "… 1,239 older messages …");
    assert_eq!(rows[3].trim(), "… 9 more messages …");
    timeline.lose(seq(1241), seq(1249));
    assert_eq!(shown(&timeline, &view(64, 9))[3].trim(), "… 9 messages no longer kept …");
}

#[test]
fn own_messages_wait_below_the_newest_event_with_their_marks() {
    let timeline = log(1);
    let mut view = view(64, 9);
    let stages = [
        Stage::Stored { seq: seq(2) },
        Stage::Sent { since: Duration::ZERO, late: false },
        Stage::Sent { since: Duration::ZERO, late: true },
        Stage::Queued,
        Stage::Failed { why: "you are muted".into(), is_refused: true },
    ];
    for (index, stage) in stages.into_iter().enumerate() {
        view.tail.push(Outgoing { stage, ..queued(&format!("t{index}"), &format!("t{index}")) });
    }
    assert_eq!(
        shown(&timeline, &view)[2..],
        [
            "14:00 Ana         t0",
            "                  t1",
            "                  t2 ·",
            "                  t3 …",
            "                  t4 ! you are muted",
        ]
    );
}

#[test]
fn an_announcement_cannot_be_taken_for_a_message() {
    let mut timeline = Timeline::default();
    let announcement = RoomEvent { kind: EventKind::Announcement, ..said(1, 0, "Bob", "break") };
    timeline.append(announcement);
    assert_eq!(
        shown(&timeline, &view(44, 9))[1..],
        [
            "════════ announcement by Bob 14:00 ═════════",
            "  break",
            "════════════════════════════════════════════",
        ]
    );
}

#[test]
fn edits_and_deletions_change_the_message_and_take_no_row() {
    let mut timeline = log(2);
    let about = |number, target, kind, text| RoomEvent {
        kind,
        target: Some(seq(target)),
        ..said(number, 0, "Bob", text)
    };
    timeline.append(about(3, 1, EventKind::Edit, "better"));
    timeline.append(about(4, 2, EventKind::Delete, "x"));
    assert_eq!(
        shown(&timeline, &view(64, 9))[1..],
        ["14:00 Bob         better (edited)", "                  (deleted)",]
    );
    assert_eq!(timeline.last(), seq(4));
}

/// An edit or a deletion of the message `target`.
fn change(number: u64, target: u64, kind: EventKind, text: &str) -> RoomEvent {
    RoomEvent { kind, target: Some(seq(target)), ..said(number, 0, "Bob", text) }
}

/// The message as a page tells it that knows nothing of what came later.
fn as_it_was(number: u64) -> RoomEvent {
    said(number, 0, "Bob", &format!("m{number}"))
}

#[test]
fn a_page_that_is_older_than_an_edit_does_not_bring_the_old_text_back() {
    let view = view(64, 9);
    let mut timeline = Timeline::default();
    timeline.start(seq(1), seq(2));
    timeline.append(change(3, 1, EventKind::Edit, "better"));
    timeline.append(change(4, 2, EventKind::Delete, "x"));
    timeline.insert_page(&[as_it_was(1), as_it_was(2)], seq(1), seq(2));
    let rows = shown(&timeline, &view);
    assert_eq!(rows[1..], ["14:00 Bob         better (edited)", "                  (deleted)"]);
    assert_eq!(timeline.event(seq(2)).unwrap().text, None, "nowhere in memory");
}

#[test]
fn what_was_deleted_stays_deleted_whatever_edit_is_told_afterwards() {
    let mut timeline = log(1);
    timeline.append(change(3, 1, EventKind::Delete, "x"));
    timeline.append(change(4, 1, EventKind::Edit, "back again"));
    timeline.insert_page(&[change(2, 1, EventKind::Edit, "earlier")], seq(2), seq(2));
    timeline.insert_page(&[as_it_was(1)], seq(1), seq(1));
    assert_eq!(timeline.event(seq(1)).unwrap().text, None);
    assert!(shown(&timeline, &view(64, 9))[1].ends_with("(deleted)"));
}

#[test]
fn a_newer_page_brings_what_was_changed_meanwhile() {
    let mut timeline = log(2);
    let edited = Some(protocol::Edited { seq: seq(9), at: Timestamp(START) });
    let told = RoomEvent { edited, ..said(1, 0, "Bob", "better") };
    timeline.insert_page(&[told], seq(1), seq(1));
    assert!(shown(&timeline, &view(64, 9))[1].ends_with("better (edited)"));
    timeline.insert_page(&[change(5, 1, EventKind::Edit, "older")], seq(5), seq(5));
    assert!(shown(&timeline, &view(64, 9))[1].ends_with("better (edited)"));
}

proptest! {
    #[test]
    fn changes_come_to_the_same_in_whatever_order_they_come(
        order in Just((0usize..6).collect::<Vec<_>>()).prop_shuffle(),
        has_delete in any::<bool>(),
    ) {
        let mut timeline = Timeline::default();
        timeline.start(seq(1), seq(9));
        let last = if has_delete { EventKind::Delete } else { EventKind::Edit };
        let told = [
            as_it_was(1),
            change(2, 1, EventKind::Edit, "two"),
            change(3, 1, EventKind::Edit, "three"),
            change(4, 1, last, "four"),
            as_it_was(1),
            as_it_was(5),
        ];
        for index in order {
            let event = told[index].clone();
            let at = event.seq;
            timeline.insert_page(&[event], at, at);
        }
        let event = timeline.event(seq(1)).unwrap();
        let text = event.text.as_ref().map(MessageText::as_str);
        prop_assert_eq!(text, (!has_delete).then_some("four"));
        prop_assert_eq!(event.deleted.is_some(), has_delete);
    }
}

#[test]
fn what_comes_twice_is_shown_once() {
    let mut timeline = log(2);
    assert_eq!(timeline.append(said(2, 0, "Bob", "twice")), Appended::Known);
    assert_eq!(words(&shown(&timeline, &view(64, 9))[1..]), ["m1", "m2"]);
}

#[test]
fn at_the_newest_it_follows_and_scrolled_up_it_counts() {
    let mut timeline = log(100);
    let view = view(64, 5);
    assert_eq!(words(&shown(&timeline, &view)), ["m96", "m97", "m98", "m99", "m100"]);
    timeline.scroll(Scroll::PageUp, &view);
    assert_eq!(words(&shown(&timeline, &view)), ["m93", "m94", "m95", "m96", "m97"]);
    timeline.append(said(101, 0, "Bob", "m101"));
    assert_eq!(words(&shown(&timeline, &view)), ["m93", "m94", "m95", "m96", "m97"]);
    assert_eq!(timeline.below(), 1);
    timeline.scroll(Scroll::Rows(4), &view);
    assert!(timeline.is_at_newest());
    assert_eq!(timeline.below(), 0);
    timeline.append(said(102, 0, "Bob", "m102"));
    assert_eq!(words(&shown(&timeline, &view)), ["m98", "m99", "m100", "m101", "m102"]);
}

#[test]
fn back_goes_to_the_unread_line_and_then_to_the_first_message() {
    let mut timeline = log(100);
    let view = view(64, 5);
    timeline.set_unread(Some(UnreadLine::after(seq(50))));
    timeline.scroll(Scroll::Back, &view);
    assert!(shown(&timeline, &view)[0].contains("unread"));
    assert_eq!(words(&shown(&timeline, &view)[1..]), ["m51", "m52", "m53", "m54"]);
    timeline.scroll(Scroll::Back, &view);
    assert_eq!(words(&shown(&timeline, &view)[1..]), ["m1", "m2", "m3", "m4"]);
    timeline.scroll(Scroll::Newest, &view);
    assert_eq!(words(&shown(&timeline, &view)[1..]), ["m97", "m98", "m99", "m100"]);
}

#[test]
fn the_page_before_what_is_visible_is_wanted_before_one_is_there() {
    let mut timeline = Timeline::default();
    let view = view(64, 5);
    timeline.start(seq(1), seq(400));
    assert_eq!(timeline.wanted(&view), Some(Want::Before(seq(401))));
    let page: Vec<RoomEvent> =
        (201..=400).map(|number| said(number, 0, "Bob", &format!("m{number}"))).collect();
    timeline.insert_page(&page, seq(201), seq(400));
    assert_eq!(timeline.wanted(&view), None, "the gap is far above");
    timeline.scroll(Scroll::Rows(-193), &view);
    assert_eq!(timeline.wanted(&view), Some(Want::Before(seq(201))));
}

#[test]
fn the_first_message_is_fetched_from_the_beginning() {
    let mut timeline = Timeline::default();
    let view = view(64, 5);
    timeline.start(seq(1), seq(1000));
    let page = |range: std::ops::RangeInclusive<u64>| -> Vec<RoomEvent> {
        range.map(|number| said(number, 0, "Bob", &format!("m{number}"))).collect()
    };
    timeline.insert_page(&page(900..=1000), seq(900), seq(1000));
    timeline.scroll(Scroll::Back, &view);
    assert_eq!(timeline.wanted(&view), Some(Want::After(seq(0))));
    timeline.insert_page(&page(1..=100), seq(1), seq(100));
    assert_eq!(words(&shown(&timeline, &view)[1..]), ["m1", "m2", "m3", "m4"]);
    assert_eq!(timeline.wanted(&view), None);
    timeline.scroll(Scroll::Rows(98), &view);
    assert_eq!(words(&shown(&timeline, &view))[..2], ["m98", "m99"]);
    assert_eq!(timeline.wanted(&view), Some(Want::Before(seq(900))));
    timeline.scroll(Scroll::Rows(-1), &view);
    assert_eq!(timeline.wanted(&view), Some(Want::After(seq(100))), "the gap is the last row");
}

#[test]
fn memory_stays_bounded_and_what_is_dropped_can_be_fetched_again() {
    let count = EVENTS_MAX as u64 + 1;
    let mut timeline = log(count);
    assert_eq!(timeline.entries.len(), EVENTS_MAX + 1 - EVENTS_DROPPED);
    assert_eq!(timeline.gaps.at_or_after(seq(1)).unwrap().len(), EVENTS_DROPPED as u64);
    let view = view(64, 5);
    timeline.scroll(Scroll::Back, &view);
    assert_eq!(timeline.wanted(&view), Some(Want::After(seq(0))));
}

#[test]
fn who_reads_an_own_message_on_its_way_still_does_when_it_has_arrived() {
    let mut timeline = log(3);
    let mut view = view(64, 3);
    view.tail = (0..10).map(|n| queued(&format!("t{n}"), &format!("t{n}"))).collect();
    timeline.scroll(Scroll::Rows(-4), &view);
    let under = |timeline: &Timeline, view: &Viewport| under_the_eyes(timeline, view).unwrap().1;
    assert_eq!(under(&timeline, &view), "t3");
    for number in 0..5 {
        let message = view.tail.remove(0);
        let event = said(4 + number, 0, "Ana", message.text.as_str());
        timeline.append(RoomEvent { id: message.id, ..event });
        assert_eq!(under(&timeline, &view), "t3");
    }
}

/// What can happen while one reads.
#[derive(Clone, Debug)]
enum Happens {
    Said(String),
    Hole(u64),
    Page,
    Type(String),
    Stored,
    Comes(u8),
    Goes(u8),
    Line(u64),
    Resize(u16, u16),
}

fn happens() -> impl Strategy<Value = Happens> {
    let text = "[a-z日 \n]{1,60}[a-z]";
    prop_oneof![
        4 => text.prop_map(Happens::Said),
        1 => (1u64..40).prop_map(Happens::Hole),
        4 => Just(Happens::Page),
        2 => text.prop_map(Happens::Type),
        2 => Just(Happens::Stored),
        1 => (0u8..9).prop_map(Happens::Comes),
        1 => (0u8..9).prop_map(Happens::Goes),
        1 => (1u64..200).prop_map(Happens::Line),
        1 => (20u16..100, 3u16..20).prop_map(|(columns, rows)| Happens::Resize(columns, rows)),
    ]
}

fn text_of(number: u64) -> String {
    format!("m{number} {}", "word ".repeat((number % 17) as usize))
}

fn happen(timeline: &mut Timeline, view: &mut Viewport, what: Happens) {
    let next = timeline.last().next().get();
    match what {
        Happens::Said(text) => drop(timeline.append(said(next, 3, "Bob", &text))),
        Happens::Hole(by) => drop(timeline.append(said(next + by, 4, "cyd", &text_of(next + by)))),
        Happens::Page => fetch(timeline, view),
        Happens::Type(text) => view.tail.push(queued(&format!("own-{next}-{}", text.len()), &text)),
        Happens::Stored => {
            if !view.tail.is_empty() {
                let message = view.tail.remove(0);
                let event = said(next, 0, "Ana", message.text.as_str());
                timeline.append(RoomEvent { id: message.id, ..event });
            }
        }
        Happens::Comes(who) => {
            timeline.arrivals(Timestamp(START)).joined(&name(&format!("p{who}")));
        }
        Happens::Goes(who) => timeline.arrivals(Timestamp(START)).left(&name(&format!("p{who}"))),
        Happens::Line(at) => timeline.set_unread(Seq::new(at).map(UnreadLine::after)),
        Happens::Resize(columns, rows) => {
            let author = if columns < 60 { 0 } else { 12 };
            *view = Viewport { columns, rows, author, ..view.clone() };
            timeline.settle(view);
        }
    }
}

/// Brings the page that is wanted, or else one from above all that is here.
fn fetch(timeline: &mut Timeline, view: &Viewport) {
    let first = timeline.gaps.at_or_after(Seq::ZERO).map(|gap| Want::Before(gap.to.next()));
    let (from, to) = match timeline.wanted(view).or(first) {
        None => return,
        Some(Want::Before(before)) => (before.get().saturating_sub(7).max(1), before.get() - 1),
        Some(Want::After(after)) => (after.get() + 1, (after.get() + 7).min(timeline.last().get())),
    };
    let events: Vec<RoomEvent> = (from..=to)
        .filter(|number| number % 5 != 0)
        .map(|number| said(number, number.cast_signed() / 9, "Bob", &text_of(number)))
        .collect();
    timeline.insert_page(&events, seq(from), seq(to));
}

/// The row under one's eyes: the one that the reading position is fixed to, or else the first
/// that belongs to a text. What is pinned covers a row and moves none.
fn under_the_eyes(timeline: &Timeline, view: &Viewport) -> Option<(usize, String)> {
    let rows = timeline.rows_from(timeline.top(view)?, usize::from(view.rows), view);
    let fixed = match &timeline.position {
        Position::At(anchor) => usize::try_from(anchor.lead).ok(),
        Position::Newest | Position::From(_) => None,
    };
    let fixed = fixed.filter(|at| rows.get(*at).is_some_and(|row| row.offset.is_some()));
    let at = fixed.or_else(|| rows.iter().position(|row| row.offset.is_some()))?;
    let text =
        rows[at].pieces.iter().find(|piece| matches!(piece.ink, Ink::Text | Ink::Mention))?;
    Some((at, text.text.as_str().to_owned()))
}

proptest! {
    #[test]
    fn nothing_that_comes_moves_the_line_under_ones_eyes(
        up in 1i32..60, wide in any::<bool>(), rows in 3u16..20,
        what in prop::collection::vec(happens(), 1..40),
    ) {
        let mut view = view(if wide { 90 } else { 40 }, rows);
        let mut timeline = Timeline::default();
        timeline.start(seq(1), seq(100));
        fetch(&mut timeline, &view);
        (0..12).for_each(|_| fetch(&mut timeline, &view));
        timeline.scroll(Scroll::Rows(-up), &view);
        for what in what {
            let is_reading = matches!(timeline.position, Position::At(_));
            let is_resize = matches!(what, Happens::Resize(..));
            let before = under_the_eyes(&timeline, &view);
            let doing = format!("{what:?}");
            happen(&mut timeline, &mut view, what);
            if is_reading && !is_resize {
                prop_assert_eq!(before, under_the_eyes(&timeline, &view), "{}", doing);
            }
        }
    }

    #[test]
    fn after_a_resize_and_back_the_same_line_is_on_top(
        up in 1i32..200, columns in 20u16..120, rows in 3u16..30,
    ) {
        let first = view(90, 10);
        let mut timeline = Timeline::default();
        for number in 1..=100 {
            timeline.append(said(number, number.cast_signed(), "Bob", &text_of(number)));
        }
        timeline.scroll(Scroll::Rows(-up), &first);
        let before = shown(&timeline, &first);
        prop_assume!(!timeline.is_at_newest());
        let other = view(columns, rows);
        prop_assert!(timeline.rows(&other).len() <= usize::from(rows));
        prop_assert_eq!(before, shown(&timeline, &first));
    }

    #[test]
    fn scrolling_down_undoes_scrolling_up(up in 1i32..300, step in 1i32..20) {
        let view = view(64, 8);
        let mut timeline = log(200);
        let bottom = shown(&timeline, &view);
        timeline.scroll(Scroll::Rows(-up), &view);
        let above = shown(&timeline, &view);
        timeline.scroll(Scroll::Rows(-step), &view);
        timeline.scroll(Scroll::Rows(step), &view);
        if up + step < 190 {
            prop_assert_eq!(&above, &shown(&timeline, &view));
        }
        timeline.scroll(Scroll::Rows(up.max(step) + 400), &view);
        prop_assert_eq!(bottom, shown(&timeline, &view));
    }
}

#[test]
fn a_page_covers_what_takes_no_row() {
    let mut timeline = Timeline::default();
    timeline.start(seq(1), seq(10));
    timeline.insert_page(&[said(3, 0, "Bob", "three")], seq(1), seq(10));
    assert_eq!(words(&shown(&timeline, &view(64, 9))[1..]), ["three"]);
}

#[test]
fn an_unread_line_above_does_not_rewrap_where_author_and_text_share_a_line() {
    let mut timeline = log(30);
    let view = view(40, 5);
    timeline.scroll(Scroll::Rows(-10), &view);
    for number in 1..30 {
        let before = under_the_eyes(&timeline, &view);
        timeline.set_unread(Some(UnreadLine::after(seq(number))));
        assert_eq!(before, under_the_eyes(&timeline, &view));
    }
}

#[test]
fn what_is_dropped_is_never_what_one_reads() {
    let mut timeline = Timeline::default();
    for number in 1..=100 {
        timeline.append(said(number, 0, "Bob", &format!("old {number}")));
    }
    let view = view(60, 5);
    for number in 1_000_001..=1_000_200 {
        timeline.append(said(number, 0, "Bob", &format!("new {number}")));
    }
    timeline.scroll(Scroll::Rows(-150), &view);
    let before = shown(&timeline, &view);
    assert!(before.iter().any(|row| row.contains("new 1000")), "{before:?}");
    for number in 1_000_201..=1_000_200 + EVENTS_MAX as u64 {
        timeline.append(said(number, 0, "Bob", &format!("new {number}")));
    }
    assert_eq!(shown(&timeline, &view), before);
}
