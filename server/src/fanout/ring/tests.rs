//! What a ring has, serves and forgets.

use super::*;
use crate::fanout::sizes::{BYTES_MAX, SLOTS_MAX};

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn frame(len: usize) -> Bytes {
    Bytes::from(vec![b'x'; len])
}

fn ring_of(events: u64) -> Ring {
    let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
    (1..=events).for_each(|n| ring.append(seq(n), frame(10)));
    ring
}

fn events(ring: &Ring, place: u64) -> Vec<u64> {
    ring.from(place).filter_map(|told| told.event).map(Seq::get).collect()
}

#[test]
fn an_empty_ring_serves_only_the_event_to_come() {
    let ring = Ring::new(seq(7), RingSizes::default());
    assert!(ring.serves(seq(8)));
    assert!(!ring.serves(seq(7)) && !ring.serves(seq(9)));
    assert_eq!(ring.place_of(seq(8)), ring.end());
}

#[test]
fn a_ring_serves_from_any_event_it_has() {
    let ring = ring_of(5);
    assert!(ring.serves(seq(1)));
    assert_eq!(events(&ring, ring.place_of(seq(3))), [3, 4, 5]);
    assert!(events(&ring, ring.place_of(seq(6))).is_empty());
}

#[test]
fn the_oldest_slots_go_first() {
    let ring = ring_of(SLOTS_MAX as u64 + 3);
    assert!(!ring.serves(seq(3)));
    assert!(ring.serves(seq(4)));
    assert_eq!(events(&ring, 0).len(), SLOTS_MAX);
}

#[test]
fn the_bytes_of_a_ring_are_bounded() {
    let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
    (1..=40).for_each(|n| ring.append(seq(n), frame(BYTES_MAX / 16)));
    assert!(ring.bytes() <= BYTES_MAX);
    assert!(ring.serves(seq(40)) && !ring.serves(seq(20)));
}

#[test]
fn a_ring_is_filled_with_what_was_before_it() {
    let mut ring = Ring::new(seq(7), RingSizes::default());
    ring.append(seq(8), frame(10));
    assert!(ring.wants_fill());
    let older: Vec<_> = (3..=7).map(|n| (seq(n), frame(10))).collect();
    ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
    assert!(ring.serves(seq(3)) && !ring.serves(seq(2)) && !ring.wants_fill());
    assert_eq!(events(&ring, ring.place_of(seq(4))), [4, 5, 6, 7, 8]);
}

#[test]
fn what_does_not_end_where_a_ring_begins_is_left_out() {
    let mut ring = Ring::new(seq(7), RingSizes::default());
    let older: Vec<_> = (3..=5).map(|n| (seq(n), frame(10))).collect();
    ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
    assert!(events(&ring, 0).is_empty());
}

#[test]
fn what_is_brought_back_has_places_of_its_own() {
    // One place for notices is too few: it goes at once, and somebody may be at its place.
    let sizes = RingSizes { slots: 3, bytes: BYTES_MAX };
    let mut ring = Ring::new(seq(7), sizes);
    let live = ring.end();
    ring.notice(frame(10));
    let older: Vec<_> = (5..=7).map(|n| (seq(n), frame(10))).collect();
    ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
    assert_eq!(events(&ring, live), Vec::<u64>::new());
}

#[test]
fn nothing_that_is_brought_back_is_where_somebody_stood_before() {
    let mut ring = ring_of(FILL_EVENTS as u64);
    let stood = ring.end();
    ring.clear();
    let older: Vec<_> = (1..=FILL_EVENTS as u64).map(|n| (seq(n), frame(1))).collect();
    ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
    assert!(ring.serves(seq(1)));
    assert!(stood < ring.start());
}

#[test]
fn a_full_ring_takes_no_more_of_what_was_before() {
    let sizes = RingSizes { slots: 3, bytes: BYTES_MAX };
    let mut ring = Ring::new(seq(7), sizes);
    let older: Vec<_> = (1..=7).map(|n| (seq(n), frame(10))).collect();
    ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
    assert_eq!(events(&ring, 0), [5, 6, 7]);
}

#[test]
fn another_frame_takes_the_place_of_an_event_and_of_nothing_else() {
    let mut ring = ring_of(3);
    ring.notice(frame(5));
    let (start, end, before) = (ring.start(), ring.end(), ring.bytes());
    ring.replace(seq(2), frame(7));
    ring.replace(seq(4), frame(7));
    let sizes: Vec<_> = ring.from(0).map(|told| told.frame.len()).collect();
    assert_eq!((sizes, ring.bytes()), (vec![10, 7, 10, 5], before - 3));
    assert_eq!((ring.start(), ring.end(), ring.head()), (start, end, seq(3)));
}

#[test]
fn a_longer_frame_in_place_of_an_event_keeps_to_the_bytes() {
    let sizes = RingSizes { slots: 9, bytes: 3 * (size_of::<Slot>() + 10) };
    let mut ring = Ring::new(Seq::ZERO, sizes);
    (1..=3).for_each(|n| ring.append(seq(n), frame(10)));
    ring.replace(seq(3), frame(11));
    assert_eq!(events(&ring, 0), [2, 3]);
    assert!(ring.bytes() <= sizes.bytes);
}

#[test]
fn notices_never_push_events_out() {
    let mut ring = ring_of(10);
    (0..SLOTS_MAX * 2).for_each(|_| ring.notice(frame(100)));
    assert!(ring.serves(seq(1)));
    assert!(ring.from(0).filter(|told| told.event.is_none()).count() <= SLOTS_MAX / 4);
    assert!(ring.notices_lost() > 10);
}

#[test]
fn the_place_of_an_event_skips_notices_before_it() {
    let mut ring = ring_of(1);
    ring.notice(frame(5));
    ring.append(seq(2), frame(5));
    assert_eq!(ring.from(ring.place_of(seq(2))).next().unwrap().event, Some(seq(2)));
}

#[test]
fn a_cleared_ring_keeps_its_head() {
    let mut ring = ring_of(5);
    ring.clear();
    assert_eq!(ring.bytes(), 0);
    assert!(ring.serves(seq(6)) && !ring.serves(seq(5)));
}
