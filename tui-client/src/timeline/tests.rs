//! What the scrollback shows.

mod announced;
mod changes;
mod folding;
mod laid;
mod moving;
mod unread;

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use protocol::UserName;
use protocol::{EventKind, Identity, MessageText, RequestId, RoomEvent, RoomName, Seq, Timestamp};

use super::*;
use crate::{
    mentions::Mentions,
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
        announces: false,
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
fn what_has_ones_name_or_a_keyword_in_it_stands_out_unless_one_said_it() {
    let mut timeline = Timeline::default();
    let mentions = Mentions::of(["Ana", "hub down"]);
    timeline.notice(Arc::new(Noticing { mentions, ..Noticing::default() }));
    timeline.append(said(1, 0, "Bob", "ana?"));
    timeline.append(said(2, 0, "Bob", "the HUB  DOWN again"));
    timeline.append(said(3, 0, "Bob", "banana"));
    timeline.append(said(4, 0, "Ana", "I am Ana"));
    let rows = timeline.rows(&view(64, 9));
    let inks: Vec<Ink> = rows[1..].iter().map(|row| row.pieces.last().unwrap().ink).collect();
    assert_eq!(inks, [Ink::Mention, Ink::Mention, Ink::Text, Ink::Text]);
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
        let message = queued(&format!("t{index}"), &format!("t{index}"));
        view.tail.push(Arc::new(Outgoing { stage, ..message }));
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
        ["╔════════ announcement by Bob 14:00 ════════", "║ break"]
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
    assert_eq!(timeline.entries.len(), EVENTS_MAX + 1 - EVENTS_MAX / memory::DROPPED_PART);
    assert_eq!(
        timeline.gaps.at_or_after(seq(1)).unwrap().len(),
        (EVENTS_MAX / memory::DROPPED_PART) as u64
    );
    let view = view(64, 5);
    timeline.scroll(Scroll::Back, &view);
    assert_eq!(timeline.wanted(&view), Some(Want::After(seq(0))));
}

#[test]
fn a_page_covers_what_takes_no_row() {
    let mut timeline = Timeline::default();
    timeline.start(seq(1), seq(10));
    timeline.insert_page(&[said(3, 0, "Bob", "three")], seq(1), seq(10));
    assert_eq!(words(&shown(&timeline, &view(64, 9))[1..]), ["three"]);
}

#[test]
fn what_stays_is_around_where_one_reads_and_the_rest_is_missing() {
    let view = view(64, 5);
    let mut timeline = log(1_000);
    timeline.scroll(Scroll::Rows(-500), &view);
    let before = shown(&timeline, &view);
    timeline.shrink_to(100);
    assert_eq!((timeline.len(), shown(&timeline, &view)), (100, before));
    assert!(timeline.is_missing(seq(1)) && timeline.is_missing(seq(1_000)));
    let mut timeline = log(1_000);
    timeline.shrink_to(100);
    assert_eq!(timeline.len(), 100);
    assert!(timeline.event(seq(901)).is_some() && timeline.is_missing(seq(900)));
    timeline.shrink_to(100);
    assert_eq!(timeline.len(), 100, "there is nothing to drop");
}

#[test]
fn the_bytes_that_are_counted_are_those_of_what_is_here() {
    let mut timeline = log(300);
    let about = |number, target, kind, text| RoomEvent {
        kind,
        target: Some(seq(target)),
        ..said(number, 0, "Bob", text)
    };
    let longer = "longer ".repeat(300);
    timeline.append(about(301, 100, EventKind::Edit, &longer));
    timeline.append(about(302, 101, EventKind::Delete, "x"));
    timeline.insert_page(&[said(7, 0, "Bob", "told again")], seq(7), seq(7));
    let counted = |timeline: &Timeline| -> usize {
        timeline.entries.values().map(|entry| memory::bytes_of(&entry.event)).sum()
    };
    assert_eq!(timeline.bytes(), counted(&timeline));
    timeline.shrink_to(250);
    timeline.keep_at_most(200);
    assert_eq!(timeline.bytes(), counted(&timeline));
}

#[test]
fn a_hub_that_leaves_out_every_other_event_makes_a_bounded_number_of_gaps() {
    let mut timeline = Timeline::default();
    for number in 1..=5_000 {
        timeline.append(said(number * 2, 0, "Bob", "even"));
    }
    assert_eq!(timeline.gaps.len(), memory::GAPS_MAX);
    assert!(timeline.is_missing(seq(2)) && timeline.event(seq(10_000)).is_some());
}
