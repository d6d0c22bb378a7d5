//! What a room does about frames.

use std::sync::Arc;

use jiff::tz::TimeZone;
use protocol::{Identity, Seq, ServerFrame, codec, server::Page};
use serde_json::{Value, json};

use super::*;
use crate::{
    mentions::Mentions,
    noticing::Noticing,
    timeline::{Scroll, UnreadLine, Want},
};

const EPOCH: &str = "00000000000000e1";

fn frame(value: &Value) -> ServerFrame {
    codec::decode_server(&value.to_string()).unwrap()
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn me() -> Me {
    Me {
        name: name("Ana"),
        identity: Identity::from_bytes([0xaa; 16]),
        role: protocol::server::Role::Member,
    }
}

fn view() -> Viewport {
    let author = 12;
    let (time_zone, me) = (TimeZone::UTC, Some(name("Ana")));
    Viewport { columns: 60, rows: 5, author, time_zone, me, tail: Vec::new(), selected: None }
}

fn joined(room: &mut Room, head: u64, oldest: u64, epoch: &str) {
    let ServerFrame::Joined(joined) = frame(&json!({
        "type": "joined", "room": "lobby", "topic": "", "head": head, "oldest": oldest,
        "epoch": epoch, "count": 2, "more": false,
        "members": [{"name": "Ana", "role": "member"}, {"name": "Bob", "role": "member"}],
    })) else {
        panic!("not a joined");
    };
    room.on_joined(&joined, Some(&me()));
}

fn lobby(head: u64) -> Room {
    let mut room = Room::new(RoomName::lobby().into());
    let mentions = Mentions::of(["Ana", "lunch"]);
    room.notice(&Arc::new(Noticing { mentions, ..Noticing::default() }), None);
    joined(&mut room, head, 1, EPOCH);
    room
}

fn event(number: u64, by: &Me, text: &str) -> RoomEvent {
    let ServerFrame::Event(event) = frame(&json!({
        "type": "event", "room": "lobby", "seq": number, "at": 0, "from": by.name.as_str(),
        "by": by.identity.as_str(), "kind": "message", "id": format!("e{number}"), "text": text,
    })) else {
        panic!("not an event");
    };
    event
}

fn bob() -> Me {
    Me { name: name("Bob"), identity: Identity::from_bytes([0xbb; 16]), ..me() }
}

fn hears(room: &mut Room, number: u64, text: &str) -> Arrived {
    room.on_event(event(number, &bob(), text), Some(&me()), false)
}

/// The answer to what was asked for before the seq after `to`.
fn page(room: &mut Room, from: u64, to: u64, oldest: u64, more: bool) {
    let events = (from..=to).map(|number| event(number, &bob(), "old")).collect();
    let page = Page {
        id: None,
        room: RoomName::lobby(),
        events,
        oldest: seq(oldest),
        as_of: room.timeline.last(),
        gap: None,
        more,
    };
    room.on_page(&page, Want::Before(seq(to + 1)));
}

fn presence(room: &mut Room, value: Value) {
    let mut value = value;
    value["type"] = json!("presence");
    value["room"] = json!("lobby");
    let ServerFrame::Presence(presence) = frame(&value) else { panic!("not presence") };
    room.on_presence(&presence, Some(&me()), Timestamp(0));
}

fn shown(room: &Room) -> String {
    let rows = room.timeline.rows(&view());
    rows.iter().map(|row| row.to_text() + "\n").collect()
}

#[test]
fn it_joins_again_from_the_last_seq_it_has() {
    let mut room = Room::new(RoomName::lobby().into());
    assert_eq!(room.join_request().unwrap().after, None);
    joined(&mut room, 7, 1, EPOCH);
    hears(&mut room, 8, "hi");
    room.on_disconnected(Timestamp(0));
    let request = room.join_request().unwrap();
    assert_eq!(request.after, Some(seq(8)));
    assert_eq!(request.epoch.unwrap().as_str(), EPOCH);
}

#[test]
fn after_a_resume_nothing_is_lost_or_doubled() {
    let mut room = lobby(0);
    hears(&mut room, 1, "one");
    room.on_disconnected(Timestamp(0));
    joined(&mut room, 3, 1, EPOCH);
    assert_eq!(hears(&mut room, 1, "one"), Arrived::Known);
    hears(&mut room, 2, "two");
    hears(&mut room, 3, "three");
    assert!(!shown(&room).contains('…'), "no gap: {}", shown(&room));
    assert_eq!(shown(&room).matches("one").count(), 1);
}

#[test]
fn a_hole_becomes_a_gap_that_is_asked_for_once() {
    let mut room = lobby(0);
    hears(&mut room, 1, "one");
    hears(&mut room, 5, "five");
    assert!(shown(&room).contains("… 3 more messages …"));
    let (asked, _) = room.wanted_page(&view()).unwrap();
    assert_eq!((asked.before, asked.after), (Some(seq(5)), None));
    assert_eq!(room.wanted_page(&view()), None, "one at a time");
    page(&mut room, 2, 4, 1, true);
    assert!(!shown(&room).contains('…'), "{}", shown(&room));
}

#[test]
fn a_page_that_ends_early_leaves_the_rest_to_be_asked_for() {
    let mut room = lobby(400);
    room.wanted_page(&view()).unwrap();
    page(&mut room, 390, 400, 1, true);
    room.scroll(Scroll::Rows(-8), &view());
    assert_eq!(room.wanted_page(&view()).unwrap().0.before, Some(seq(390)));
}

#[test]
fn a_page_without_what_was_asked_for_is_not_asked_for_again() {
    let (before, after) = (Want::Before(seq(401)), Want::After(seq(399)));
    for (want, from, to) in [(before, 1, 0), (before, 401, 500), (after, 1, 0), (after, 1, 100)] {
        let mut room = lobby(400);
        room.wanted_page(&view()).unwrap();
        let events = (from..=to).map(|number| event(number, &bob(), "old")).collect();
        let page = Page {
            id: None,
            room: RoomName::lobby(),
            events,
            oldest: seq(1),
            as_of: seq(400),
            gap: None,
            more: true,
        };
        room.on_page(&page, want);
        assert_eq!(room.wanted_page(&view()), None, "{want:?} got {from}..={to}");
        assert!(room.timeline.is_missing(seq(400)));
    }
}

#[test]
fn a_page_fills_what_it_was_asked_for_though_another_was_asked_for_since() {
    let mut room = lobby(0);
    hears(&mut room, 1, "one");
    hears(&mut room, 5, "five");
    let (_, first) = room.wanted_page(&view()).unwrap();
    room.on_disconnected(Timestamp(0));
    joined(&mut room, 5, 1, EPOCH);
    hears(&mut room, 9, "nine");
    let (_, second) = room.wanted_page(&view()).unwrap();
    assert_ne!(first, second);
    let answer = |from: u64, to: u64| Page {
        id: None,
        room: RoomName::lobby(),
        events: (from..=to).map(|number| event(number, &bob(), "old")).collect(),
        oldest: seq(1),
        as_of: seq(9),
        gap: None,
        more: true,
    };
    room.on_page(&answer(2, 4), first);
    assert!(!room.timeline.is_missing(seq(3)) && room.timeline.is_missing(seq(7)));
    room.on_page(&answer(6, 8), second);
    assert!(!shown(&room).contains('…'), "{}", shown(&room));
}

#[test]
fn what_the_hub_keeps_no_longer_is_not_asked_for() {
    let mut room = lobby(10);
    room.wanted_page(&view()).unwrap();
    page(&mut room, 8, 10, 8, false);
    assert_eq!(room.wanted_page(&view()), None);
    assert!(!shown(&room).contains('…'), "{}", shown(&room));
}

#[test]
fn a_room_that_was_emptied_meanwhile_has_nothing_to_ask_for() {
    let mut room = lobby(10);
    room.wanted_page(&view()).unwrap();
    page(&mut room, 1, 0, 11, false);
    assert_eq!(room.wanted_page(&view()), None);
    assert!(room.timeline.is_empty());
}

#[test]
fn a_refused_page_is_not_asked_for_again_before_the_next_join() {
    let mut room = lobby(10);
    room.wanted_page(&view()).unwrap();
    room.on_page_refused(None);
    assert_eq!(room.wanted_page(&view()), None);
    joined(&mut room, 10, 1, EPOCH);
    assert!(room.wanted_page(&view()).is_some());
}

#[test]
fn another_epoch_forgets_what_was_there() {
    let mut room = lobby(0);
    hears(&mut room, 1, "before");
    room.on_disconnected(Timestamp(0));
    joined(&mut room, 5, 1, "00000000000000e2");
    let ServerFrame::Gap(gap) =
        frame(&json!({"type": "gap", "room": "lobby", "from": 1, "to": 5, "reason": "epoch"}))
    else {
        panic!("not a gap");
    };
    room.on_gap(&gap);
    assert!(!shown(&room).contains("before"));
    assert_eq!(room.join_request().unwrap().after, Some(seq(5)));
    assert_eq!(hears(&mut room, 6, "after"), Arrived::Message);
}

#[test]
fn a_shorter_log_of_the_same_epoch_begins_anew() {
    let mut room = lobby(0);
    for number in 1..=9 {
        hears(&mut room, number, "before");
    }
    room.on_disconnected(Timestamp(0));
    joined(&mut room, 2, 1, EPOCH);
    let ServerFrame::Gap(gap) =
        frame(&json!({"type": "gap", "room": "lobby", "from": 1, "to": 2, "reason": "epoch"}))
    else {
        panic!("not a gap");
    };
    room.on_gap(&gap);
    assert_eq!(hears(&mut room, 3, "after"), Arrived::Message);
}

#[test]
fn unread_and_mentions_are_counted_while_one_looks_elsewhere() {
    let mut room = lobby(0);
    room.look(true, Timestamp(0));
    hears(&mut room, 1, "seen");
    room.look(false, Timestamp(0));
    hears(&mut room, 2, "hello");
    assert_eq!(hears(&mut room, 3, "ana: hello"), Arrived::Mention);
    room.on_event(event(4, &me(), "from my other screen"), Some(&me()), false);
    assert_eq!((room.unread, room.mentions), (2, 1));
    room.look(true, Timestamp(0));
    assert_eq!((room.unread, room.mentions), (0, 0));
}

/// After which seq the unread line stands.
fn line(room: &Room) -> Option<Seq> {
    room.timeline.unread().map(|line| line.after)
}

/// The view was drawn.
fn sees(room: &mut Room) {
    room.observe(&view(), Timestamp(0));
}

#[test]
fn the_unread_line_is_where_one_looked_away_and_goes_when_one_is_back_from_looking_away_again() {
    let mut room = lobby(0);
    room.look(true, Timestamp(0));
    hears(&mut room, 1, "seen");
    assert_eq!(line(&room), None);
    room.look(false, Timestamp(0));
    hears(&mut room, 2, "new");
    hears(&mut room, 3, "new");
    room.look(true, Timestamp(0));
    sees(&mut room);
    hears(&mut room, 4, "seen too");
    sees(&mut room);
    assert_eq!(line(&room), Some(seq(1)), "it stays under one's eyes");
    room.look(false, Timestamp(0));
    room.look(true, Timestamp(0));
    assert_eq!(line(&room), None);
}

#[test]
fn a_line_that_was_read_makes_place_for_a_new_one_and_one_that_was_not_stays() {
    let mut room = lobby(0);
    room.look(true, Timestamp(0));
    room.look(false, Timestamp(1));
    for number in 1..=9 {
        hears(&mut room, number, "new");
    }
    room.look(true, Timestamp(2));
    sees(&mut room);
    room.look(false, Timestamp(3));
    hears(&mut room, 10, "more");
    let unread = room.timeline.unread().copied();
    let first = UnreadLine { after: seq(0), since: Some(Timestamp(1)), count: 10 };
    assert_eq!(unread, Some(first), "it was above the view, so nobody has read it");
    room.look(true, Timestamp(4));
    room.scroll(Scroll::Back, &view());
    sees(&mut room);
    room.scroll(Scroll::Newest, &view());
    sees(&mut room);
    assert_eq!(line(&room), Some(seq(0)), "it does not go under one's eyes");
    room.look(false, Timestamp(5));
    hears(&mut room, 11, "more");
    let second = UnreadLine { after: seq(10), since: Some(Timestamp(5)), count: 1 };
    assert_eq!(room.timeline.unread().copied(), Some(second));
}

#[test]
fn what_came_while_the_connection_was_away_is_unread_though_one_looks_at_it() {
    let mut room = lobby(0);
    room.look(true, Timestamp(0));
    hears(&mut room, 1, "seen");
    room.on_disconnected(Timestamp(7));
    room.on_disconnected(Timestamp(8));
    joined(&mut room, 4, 1, EPOCH);
    sees(&mut room);
    for number in 2..=4 {
        room.on_event(event(number, &bob(), "missed"), Some(&me()), true);
        sees(&mut room);
    }
    hears(&mut room, 5, "seen");
    let unread = UnreadLine { after: seq(1), since: Some(Timestamp(7)), count: 3 };
    assert_eq!(room.timeline.unread().copied(), Some(unread));
    assert_eq!(room.unread, 0, "it is on the screen");
}

#[test]
fn who_writes_has_read() {
    let mut room = lobby(0);
    hears(&mut room, 1, "new");
    room.look(true, Timestamp(0));
    assert!(line(&room).is_some());
    room.on_event(event(2, &me(), "answer"), Some(&me()), false);
    assert_eq!(line(&room), None);
}

#[test]
fn ones_name_and_ones_keywords_are_mentions_and_only_as_words() {
    let mut room = lobby(0);
    room.look(false, Timestamp(0));
    let texts = ["ana, look", "Lunch?", "banana", "Ana2", "lunchtime"];
    let arrived = (1..).zip(texts).map(|(number, text)| hears(&mut room, number, text));
    let is_to_me: Vec<bool> = arrived.map(|arrived| arrived == Arrived::Mention).collect();
    assert_eq!(is_to_me, [true, true, false, false, false]);
    assert_eq!((room.unread, room.mentions), (5, 2));
}

#[test]
fn presence_changes_who_is_here_and_says_so_in_one_row() {
    let mut room = lobby(0);
    hears(&mut room, 1, "hi");
    presence(
        &mut room,
        json!({
            "count": 3, "left": [], "renamed": [{"from": "Bob", "to": "Bobby"}],
            "joined": [{"name": "cyd", "role": "member"}, {"name": "Ana", "role": "member"}],
        }),
    );
    let names: Vec<&str> = room.members().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["Ana", "Bobby", "cyd"]);
    assert!(shown(&room).contains("cyd joined · Bob is now Bobby"), "{}", shown(&room));
    presence(
        &mut room,
        json!({"count": 3, "joined": [
            {"name": "cyd", "role": "member", "away": "lunch"},
        ]}),
    );
    assert!(shown(&room).contains("cyd joined · Bob is now Bobby"), "being away is no row");
    assert!(room.members().any(|member| member.away.is_some()));
}

#[test]
fn in_a_crowd_coming_and_going_takes_no_row() {
    let mut room = lobby(0);
    hears(&mut room, 1, "hi");
    presence(&mut room, json!({"count": 51, "joined": [{"name": "cyd", "role": "member"}]}));
    assert!(!shown(&room).contains("joined"));
    assert!(room.has_member(&name("cyd")));
}
