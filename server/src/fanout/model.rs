//! Rings, cursors and backlogs under any interleaving, against a model: a log that is kept
//! whole, and a socket that takes what it likes.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use proptest::{collection::vec, prelude::*};
use protocol::Seq;

use super::{
    backlog::{Backlog, Write},
    cursor::{Cursor, Page, Standing},
    ring::{FILL_EVENTS, Ring},
    sizes::{RingSizes, SLOTS_MAX},
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// So many events are appended, of this size.
    Append(usize, usize),
    /// So many events that say nothing in this dialect.
    Silent(usize),
    /// So many notices.
    Notices(usize),
    /// An answer is queued.
    Answer(usize),
    /// A pong is queued.
    Pong,
    /// The ring is evicted.
    Evict,
    /// The ring is filled with so many of the events before it.
    Fill(usize),
    /// The socket takes so many bytes.
    Write(usize),
    /// The page that is needed, if any, is read, with so many events.
    ReadPage(usize),
    /// The event so far before the head has another frame from now on, of this size.
    Replace(usize, usize),
    /// The event so far before the head says nothing from now on.
    Silence(usize),
    /// The connection can't be written: it lets go of its page.
    Block,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..40_usize, 0..300_usize).prop_map(|(count, size)| Step::Append(count, size)),
        1 => Just(Step::Append(SLOTS_MAX + 1, 1)),
        2 => (1..40_usize).prop_map(Step::Silent),
        1 => Just(Step::Silent(300)),
        2 => (1..30_usize).prop_map(Step::Notices),
        1 => Just(Step::Notices(SLOTS_MAX / 2)),
        2 => (0..200_usize).prop_map(Step::Answer),
        1 => Just(Step::Pong),
        1 => Just(Step::Evict),
        2 => (0..40_usize).prop_map(Step::Fill),
        1 => Just(Step::Fill(FILL_EVENTS)),
        6 => (0..5000_usize).prop_map(Step::Write),
        3 => (1..50_usize).prop_map(Step::ReadPage),
        2 => (0..40_usize, 0..300_usize).prop_map(|(back, size)| Step::Replace(back, size)),
        1 => (0..40_usize).prop_map(Step::Silence),
        1 => Just(Step::Block),
    ]
}

const EVENT: u8 = b'e';
const NOTICE: u8 = b'n';
const ANSWER: u8 = b'a';
const PONG: u8 = b'o';

/// A frame of the model: its length, its kind, its number, and filling.
fn frame(kind: u8, number: u64, filling: usize) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u32(filling as u32);
    frame.put_u8(kind);
    frame.put_u64(number);
    frame.put_bytes(kind, filling);
    frame.freeze()
}

/// The frames in what a socket took; panics if one is torn.
fn frames(mut bytes: &[u8]) -> Vec<(u8, u64)> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let filling = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        let kind = bytes[4];
        frames.push((kind, u64::from_be_bytes(bytes[5..13].try_into().unwrap())));
        assert!(bytes[13..13 + filling].iter().all(|byte| *byte == kind), "a torn frame");
        bytes = &bytes[13 + filling..];
    }
    frames
}

/// One connection that follows one room.
struct Model {
    ring: Ring,
    backlog: Backlog,
    cursor: Cursor,
    log: Vec<Bytes>,
    taken: Vec<u8>,
    needs_page: Option<Seq>,
    notices: u64,
    answers: u64,
    caught_up: usize,
}

impl Model {
    /// A connection that attaches to a room with `head` events, having had `after`.
    fn attach(head: u64, after: u64) -> Self {
        let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
        let log: Vec<_> = (1..=head).map(|number| frame(EVENT, number, 5)).collect();
        for (number, frame) in (1..).zip(&log) {
            ring.append(Seq::new(number).unwrap(), frame.clone());
        }
        let cursor = Cursor::attach(&ring, Seq::new(after).unwrap());
        Self {
            ring,
            backlog: Backlog::default(),
            cursor,
            log,
            taken: Vec::new(),
            needs_page: None,
            notices: 0,
            answers: 0,
            caught_up: 0,
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Append(count, size) => (0..count).for_each(|_| self.append(size)),
            Step::Silent(count) => (0..count).for_each(|_| self.append_frame(Bytes::new())),
            Step::Notices(count) => (0..count).for_each(|_| self.notice()),
            Step::Answer(size) => {
                self.answers += 1;
                self.backlog.push(frame(ANSWER, self.answers, size));
            }
            Step::Pong => self.backlog.push_first(frame(PONG, 0, 2)),
            Step::Evict => self.ring.clear(),
            Step::Fill(events) => self.fill(events),
            Step::Write(bytes) => self.write(bytes),
            Step::ReadPage(events) => self.read_page(events),
            Step::Replace(back, size) => {
                self.replace(back, |number| frame(EVENT, number, size));
            }
            Step::Silence(back) => self.replace(back, |_| Bytes::new()),
            Step::Block => self.cursor.drop_page(),
        }
    }

    fn append(&mut self, size: usize) {
        let number = self.log.len() as u64 + 1;
        self.append_frame(frame(EVENT, number, size));
    }

    fn append_frame(&mut self, frame: Bytes) {
        self.log.push(frame.clone());
        self.ring.append(Seq::new(self.log.len() as u64).unwrap(), frame);
    }

    fn replace(&mut self, back: usize, frame: impl Fn(u64) -> Bytes) {
        let Some(number) = self.log.len().checked_sub(back).filter(|number| *number > 0) else {
            return;
        };
        let (seq, number) = (Seq::new(number as u64).unwrap(), number - 1);
        if self.log[number].is_empty() {
            return; // What says nothing has nothing to be erased.
        }
        self.log[number] = frame(seq.get());
        self.ring.replace(seq, self.log[number].clone());
        self.cursor.drop_page();
    }

    fn notice(&mut self) {
        self.notices += 1;
        self.ring.notice(frame(NOTICE, self.notices, 20));
    }

    fn fill(&mut self, events: usize) {
        let before = self.ring.first().get() as usize - 1;
        let older: Vec<_> = (1..).map(|n| Seq::new(n).unwrap()).zip(&self.log[..before]).collect();
        if self.ring.wants_fill() {
            self.ring.fill(older[before.saturating_sub(events)..].iter().copied());
        }
    }

    fn settle(&mut self) {
        match self.cursor.settle(&self.ring) {
            Standing::Ready => {}
            Standing::CaughtUp => self.caught_up += 1,
            Standing::NeedsPage(after) => self.needs_page = Some(after),
        }
    }

    /// The socket takes at most so many bytes.
    fn write(&mut self, at_most: usize) {
        self.settle();
        let mut write = Write::new();
        self.backlog.pending(&mut write);
        self.cursor.pending(&self.ring, |frame| write.offer(frame));
        let mut taken: Vec<u8> = write.slices().iter().flat_map(|it| it.iter().copied()).collect();
        taken.truncate(at_most);
        let mut written = taken.len();
        self.taken.append(&mut taken);
        self.backlog.advance(&mut written);
        self.backlog.advance_room(&mut self.cursor, &self.ring, &mut written);
        assert_eq!(written, 0);
    }

    fn read_page(&mut self, events: usize) {
        let Some(after) = self.needs_page.take() else { return };
        let mut page = Page::default();
        for (number, frame) in (1..).zip(&self.log).skip(after.get() as usize).take(events) {
            page.push(Seq::new(number).unwrap(), frame.clone());
        }
        self.cursor.give(after, Arc::new(page));
    }

    /// Lets everything out. A page may say nothing, and the one after it something.
    fn drain(&mut self) {
        let mut idle = 0;
        while idle < 2 {
            let before = self.taken.len();
            self.write(usize::MAX);
            idle = if self.taken.len() == before { idle + 1 } else { 0 };
            if self.needs_page.is_some() {
                self.read_page(100);
                idle = 0;
            }
        }
    }

    /// The events after `after` that say something.
    fn telling(&self, after: u64) -> Vec<u64> {
        let telling = (1..).zip(&self.log).filter(|(_, frame)| !frame.is_empty());
        telling.map(|(number, _)| number).filter(|number| *number > after).collect()
    }
}

fn seq(number: usize) -> Seq {
    Seq::new(number as u64).unwrap()
}

fn numbers(frames: &[(u8, u64)], kind: u8) -> Vec<u64> {
    frames.iter().filter(|frame| frame.0 == kind).map(|frame| frame.1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_seq_comes_once_in_order_and_no_frame_is_torn(
        head in 0..50_u64,
        after in 0..50_u64,
        steps in vec(step(), 0..60),
    ) {
        let after = after.min(head);
        let mut model = Model::attach(head, after);
        for step in steps {
            model.step(&step);
        }
        model.drain();

        let frames = frames(&model.taken);
        let told = numbers(&frames, EVENT);
        prop_assert!(told.is_sorted_by(|a, b| a < b), "{:?}", told);
        // What is silent by now may have been told before.
        let telling = model.telling(after);
        prop_assert!(telling.iter().all(|number| told.contains(number)), "{:?}", told);
        prop_assert!(told.iter().all(|number| *number > after));
        prop_assert_eq!(model.cursor.settle(&model.ring), Standing::Ready);
        let end = Cursor::attach(&model.ring, seq(model.log.len())).place();
        prop_assert_eq!(model.cursor.place(), end, "nothing is due any more");
        prop_assert_eq!(numbers(&frames, ANSWER), (1..=model.answers).collect::<Vec<_>>());
        let notices = numbers(&frames, NOTICE);
        prop_assert!(notices.is_sorted_by(|a, b| a < b), "{:?}", notices);
        // Whoever missed notices gets the members anew.
        prop_assert!(notices.len() as u64 == model.notices || model.caught_up > 0);
    }
}

#[test]
fn a_lagging_cursor_needs_the_page_after_what_it_has() {
    let mut model = Model::attach(3, 1);
    model.ring.clear();
    assert_eq!(model.cursor.settle(&model.ring), Standing::NeedsPage(Seq::new(1).unwrap()));
}

#[test]
fn a_cursor_is_live_again_as_soon_as_the_ring_has_its_seq() {
    let mut model = Model::attach(3, 3);
    model.append(1);
    model.ring.clear();
    assert!(matches!(model.cursor.settle(&model.ring), Standing::NeedsPage(_)));
    model.needs_page = Some(Seq::new(3).unwrap());
    model.read_page(1);
    model.write(usize::MAX);
    assert_eq!(model.cursor.settle(&model.ring), Standing::CaughtUp);
    assert_eq!(model.cursor.settle(&model.ring), Standing::Ready);
}

#[test]
fn a_page_that_begins_behind_what_a_moved_cursor_needs_is_left_alone() {
    let mut model = Model::attach(3, 1);
    model.ring.clear();
    assert_eq!(model.cursor.settle(&model.ring), Standing::NeedsPage(Seq::new(1).unwrap()));
    // While the page after 1 is being read, the room is joined again from the beginning.
    model.cursor = Cursor::attach(&model.ring, Seq::ZERO);
    let mut page = Page::default();
    page.push(Seq::new(2).unwrap(), frame(EVENT, 2, 0));
    model.cursor.give(Seq::new(1).unwrap(), Arc::new(page));
    assert_eq!(model.cursor.settle(&model.ring), Standing::NeedsPage(Seq::ZERO));
}

#[test]
fn a_cursor_passes_what_says_nothing_live_and_in_pages() {
    for is_evicted in [false, true] {
        let mut model = Model::attach(3, 3);
        (0..300).for_each(|_| model.append_frame(Bytes::new()));
        if is_evicted {
            model.ring.clear();
        }
        model.append(5);
        model.drain();
        assert_eq!(numbers(&frames(&model.taken), EVENT), [304]);
        assert_eq!(model.cursor.place(), Some(model.ring.end()), "nothing is due any more");
    }
}

#[test]
fn a_frame_in_part_is_ended_before_what_says_nothing_is_passed() {
    let mut model = Model::attach(0, 0);
    model.append(50);
    (0..5).for_each(|_| model.append_frame(Bytes::new()));
    model.append(7);
    (0..100).for_each(|_| model.write(1));
    assert_eq!(numbers(&frames(&model.taken), EVENT), [1, 7]);
    assert_eq!(model.cursor.place(), Some(model.ring.end()));
}
