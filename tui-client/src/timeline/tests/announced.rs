//! What was announced to everyone, among what was said in a room.

use super::*;

/// An announcement to everyone.
pub(super) fn announcement(number: u64, minute: i64, text: &str) -> RoomEvent {
    let (room, kind) = (RoomName::announcements(), EventKind::Announcement);
    RoomEvent { room, kind, ..said(number, minute, "Dan", text) }
}

fn announce(timeline: &mut Timeline, number: u64, minute: i64, came: Came) {
    let text = format!("a{number}");
    timeline.announce(Arc::new(announcement(number, minute, &text)), came);
}

/// The messages and announcements of these rows, by their first words.
fn order(rows: &[String]) -> Vec<String> {
    let texts = rows.iter().filter(|row| !row.contains(['═', '─']));
    let last = |row: &String| row.split_whitespace().last().map(str::to_owned);
    texts.filter_map(last).collect()
}

/// Messages of one word each, one a minute: `m1` at 14:01 and so on.
fn minutes(numbers: std::ops::RangeInclusive<u64>) -> Vec<RoomEvent> {
    let message = |number: u64| said(number, number.cast_signed(), "Bob", &format!("m{number}"));
    numbers.map(message).collect()
}

#[test]
fn news_stand_where_they_came_and_stay_there() {
    let mut timeline = log(2);
    announce(&mut timeline, 1, 0, Came::Now);
    announce(&mut timeline, 2, 0, Came::Now);
    timeline.arrivals(Timestamp(START)).joined(&name("cyd"));
    timeline.append(said(3, 0, "Bob", "m3"));
    let rows = shown(&timeline, &view(64, 20));
    assert_eq!(order(&rows), ["m1", "m2", "joined", "a1", "a2", "m3"]);
    let label = rows.last().unwrap();
    assert!(label.starts_with("14:00 Bob"), "it is told anew who speaks: {label}");
}

#[test]
fn who_reads_above_is_told_that_something_is_below() {
    let view = view(64, 5);
    let mut timeline = log(30);
    timeline.scroll(Scroll::PageUp, &view);
    let before = shown(&timeline, &view);
    announce(&mut timeline, 1, 0, Came::Now);
    assert_eq!((shown(&timeline, &view), timeline.below()), (before, 1));
}

#[test]
fn what_was_heard_before_stands_where_its_time_says_once_that_is_here() {
    let view = view(64, 40);
    let mut timeline = Timeline::default();
    for (number, minute) in [(1, 2), (2, 6), (3, 99)] {
        announce(&mut timeline, number, minute, Came::Before);
    }
    timeline.start(seq(1), seq(8));
    assert_eq!(shown(&timeline, &view).len(), 1, "only that something is missing");
    timeline.insert_page(&minutes(5..=8), seq(5), seq(8));
    assert_eq!(order(&shown(&timeline, &view))[1..], ["m5", "m6", "a2", "m7", "m8", "a3"]);
    timeline.insert_page(&minutes(1..=4), seq(1), seq(4));
    let all = ["m1", "m2", "a1", "m3", "m4", "m5", "m6", "a2", "m7", "m8", "a3"];
    assert_eq!(order(&shown(&timeline, &view)), all);
}

#[test]
fn a_room_without_messages_has_them_too() {
    let mut timeline = Timeline::default();
    announce(&mut timeline, 1, 0, Came::Before);
    timeline.start(seq(1), Seq::ZERO);
    announce(&mut timeline, 2, 0, Came::Now);
    timeline.append(said(1, 0, "Bob", "m1"));
    assert_eq!(order(&shown(&timeline, &view(64, 20))), ["a1", "a2", "m1"]);
}

#[test]
fn what_is_among_missing_events_comes_back_with_them() {
    let view = view(64, 20);
    let mut timeline = Timeline::default();
    for event in minutes(1..=4) {
        timeline.append(event);
    }
    announce(&mut timeline, 1, 4, Came::Now);
    for event in minutes(5..=12) {
        timeline.append(event);
    }
    timeline.keep_at_most(11);
    timeline.keep_at_most(9);
    timeline.keep_at_most(8);
    assert_eq!(order(&shown(&timeline, &view))[0], "…", "{:?}", shown(&timeline, &view));
    assert!(!order(&shown(&timeline, &view)).contains(&"a1".to_owned()));
    timeline.insert_page(&minutes(1..=8), seq(1), seq(8));
    let found = order(&shown(&timeline, &view));
    let at = found.iter().position(|word| word == "a1").unwrap();
    assert_eq!(found[at - 1..=at + 1], ["m4", "a1", "m5"]);
}

#[test]
fn a_long_one_is_read_row_by_row() {
    let view = view(40, 6);
    let mut timeline = log(3);
    let words: Vec<String> = (0..200).map(|number| format!("word{number}")).collect();
    let event = announcement(1, 0, &words.join(" "));
    timeline.announce(Arc::new(event), Came::Now);
    let bottom = shown(&timeline, &view);
    for _ in 0..10 {
        timeline.scroll(Scroll::Rows(-1), &view);
    }
    let above = shown(&timeline, &view);
    timeline.append(said(4, 0, "Bob", "m4"));
    assert_eq!(shown(&timeline, &view), above);
    assert!(above.iter().all(|row| row.starts_with('║')), "{above:?}");
    timeline.scroll(Scroll::Rows(10), &view);
    assert_eq!(shown(&timeline, &view), bottom);
}

#[test]
fn an_own_one_on_its_way_looks_as_it_will() {
    let mut timeline = log(1);
    let mut view = view(44, 9);
    let place = Place::Room(RoomName::announcements());
    let message = Outgoing { place, announces: true, ..queued("id-1", "break") };
    view.tail.push(Arc::new(message));
    let rows = shown(&timeline, &view)[2..].to_vec();
    assert_eq!(rows, ["╔════ announcement to all by Ana 14:00 ═════", "║ break …"]);
    view.tail.clear();
    timeline.announce(Arc::new(announcement(1, 0, "break")), Came::Now);
    let stored = shown(&timeline, &view)[2..].to_vec();
    assert_eq!(stored, ["╔════ announcement to all by Dan 14:00 ═════", "║ break"]);
}

#[test]
fn where_there_is_no_place_who_and_when_have_a_row_of_their_own() {
    let mut timeline = Timeline::default();
    announce(&mut timeline, 1, 0, Came::Before);
    assert_eq!(
        shown(&timeline, &view(20, 9))[1..],
        ["╔══ announcement ═══", "║ to all by D… 14:00", "║ a1"]
    );
}

#[test]
fn edits_and_deletions_are_seen() {
    let mut timeline = log(1);
    announce(&mut timeline, 1, 0, Came::Now);
    let kind = EventKind::Edit;
    let edit = RoomEvent { kind, target: Some(seq(1)), ..announcement(2, 0, "later") };
    let mut known = announcement(1, 0, "a1");
    change(&mut known, &edit);
    timeline.announced_otherwise(Arc::new(known.clone()));
    let body = |timeline: &Timeline| shown(timeline, &view(64, 9))[3].clone();
    assert_eq!(body(&timeline), "║ later (edited)");
    change(&mut known, &RoomEvent { kind: EventKind::Delete, ..edit });
    timeline.announced_otherwise(Arc::new(known));
    assert_eq!(body(&timeline), "║ (deleted)");
}
