//! The line under one's eyes stays where it is.

use super::{
    super::anchor::{Anchor, Mark},
    announced::announcement,
    changes::change,
    folding::ignoring,
    *,
};

/// How much is kept where evictions are tested: less than can be read at once would be too little.
const KEPT: usize = 120;

#[test]
fn who_reads_an_own_message_on_its_way_still_does_when_it_has_arrived() {
    let mut timeline = log(3);
    let mut view = view(64, 3);
    let waiting = |n| Arc::new(queued(&format!("t{n}"), &format!("t{n}")));
    view.tail = (0..10).map(waiting).collect();
    timeline.scroll(Scroll::Rows(-4), &view);
    let under = |timeline: &Timeline, view: &Viewport| under_the_eyes(timeline, view).unwrap().1;
    assert_eq!(under(&timeline, &view), "t3");
    for number in 0..5 {
        let message = view.tail.remove(0);
        let event = said(4 + number, 0, "Ana", message.text.as_str());
        timeline.append(RoomEvent { id: message.id.clone(), ..event });
        assert_eq!(under(&timeline, &view), "t3");
    }
}

/// What can happen while one reads.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    Said(String),
    Hole(u64),
    Page,
    Type(String),
    Stored,
    Comes(u8),
    Goes(u8),
    Line(u64),
    Resize(u16, u16),
    Edit(u64, String),
    Delete(u64),
    Evict,
    Ignore(usize),
    Announced(String),
    AnnouncedBefore(u64, String),
    AnnouncedOtherwise(u64, String),
    AnnouncedNoMore,
}

pub(super) fn happens() -> impl Strategy<Value = Happens> {
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
        2 => (1u64..300, text).prop_map(|(target, text)| Happens::Edit(target, text)),
        1 => (1u64..300).prop_map(Happens::Delete),
        1 => Just(Happens::Evict),
        1 => (0usize..8).prop_map(Happens::Ignore),
        2 => text.prop_map(Happens::Announced),
        1 => (0u64..40, text).prop_map(|(at, text)| Happens::AnnouncedBefore(at, text)),
        1 => (0u64..40, text).prop_map(|(of, text)| Happens::AnnouncedOtherwise(of, text)),
        1 => Just(Happens::AnnouncedNoMore),
        1 => (20u16..100, 3u16..20).prop_map(|(columns, rows)| Happens::Resize(columns, rows)),
    ]
}

/// Who says what is in a page.
fn author(number: u64) -> &'static str {
    if number.is_multiple_of(11) { "Dan" } else { ["Bob", "cyd"][(number / 4 % 2) as usize] }
}

/// Some of those who speak.
fn ignored(which: usize) -> Vec<&'static str> {
    let names = ["Bob", "cyd", "Dan"].into_iter().enumerate();
    names.filter(|(bit, _)| which >> bit & 1 == 1).map(|(_, name)| name).collect()
}

fn text_of(number: u64) -> String {
    format!("m{number} {}", "word ".repeat((number % 17) as usize))
}

pub(super) fn happen(timeline: &mut Timeline, view: &mut Viewport, what: Happens) {
    let next = timeline.last().next().get();
    match what {
        Happens::Said(text) => drop(timeline.append(said(next, 3, "Bob", &text))),
        Happens::Hole(by) => drop(timeline.append(said(next + by, 4, "cyd", &text_of(next + by)))),
        Happens::Page => fetch(timeline, view),
        Happens::Type(text) => {
            let message = queued(&format!("own-{next}-{}", text.len()), &text);
            view.tail.push(Arc::new(message));
        }
        Happens::Stored => {
            if !view.tail.is_empty() {
                let message = view.tail.remove(0);
                let event = said(next, 0, "Ana", message.text.as_str());
                timeline.append(RoomEvent { id: message.id.clone(), ..event });
            }
        }
        Happens::Comes(who) => {
            timeline.arrivals(Timestamp(START)).joined(&name(&format!("p{who}")));
        }
        Happens::Goes(who) => timeline.arrivals(Timestamp(START)).left(&name(&format!("p{who}"))),
        Happens::Line(at) => timeline.set_unread(Seq::new(at).map(UnreadLine::after)),
        Happens::Edit(target, text) => {
            timeline.append(change(next, target, EventKind::Edit, &text));
        }
        Happens::Delete(target) => {
            timeline.append(change(next, target, EventKind::Delete, "x"));
        }
        Happens::Evict => timeline.keep_at_most(KEPT),
        Happens::Announced(text) => announce(timeline, 0, &text, Came::Now),
        Happens::AnnouncedBefore(at, text) => announce(timeline, at, &text, Came::Before),
        Happens::AnnouncedOtherwise(number, text) => {
            timeline.announced_otherwise(Arc::new(announcement(number, 0, &text)));
        }
        Happens::AnnouncedNoMore => {
            let oldest = timeline.announced.numbers().next();
            if let Some(oldest) = oldest {
                timeline.forget_announced(oldest);
            }
        }
        Happens::Ignore(which) => drop(timeline.notice(ignoring(&ignored(which)))),
        Happens::Resize(columns, rows) => {
            let author = if columns < 60 { 0 } else { 12 };
            *view = Viewport { columns, rows, author, ..view.clone() };
            timeline.settle(view);
        }
    }
}

/// The next announcement to everyone, at this minute.
fn announce(timeline: &mut Timeline, at: u64, text: &str, came: Came) {
    let number = timeline.announced.numbers().next_back().map_or(1, |last| last.next().get());
    timeline.announce(Arc::new(announcement(number, at.cast_signed(), text)), came);
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
        .map(|number| said(number, number.cast_signed() / 9, author(number), &text_of(number)))
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
    let is_text = |ink| matches!(ink, Ink::Text | Ink::Mention | Ink::Announcement);
    let text = rows[at].pieces.iter().rev().find(|piece| is_text(piece.ink))?;
    Some((at, text.text.as_str().to_owned()))
}

/// Whether this changes the very message that the reading position is fixed to, or hides or shows
/// it.
fn changes_what_is_read(timeline: &Timeline, what: &Happens) -> bool {
    if let Happens::Ignore(which) = what {
        let read = timeline.position.seq().and_then(|seq| timeline.event(seq));
        return read.is_some_and(|read| {
            timeline.is_ignored(read) || ignored(*which).contains(&read.from.as_str())
        });
    }
    if let Position::At(Anchor { mark: Mark::Announced(_, number), .. }) = &timeline.position {
        let oldest = timeline.announced.numbers().next();
        return match what {
            Happens::AnnouncedOtherwise(changed, _) => number.get() == *changed,
            Happens::AnnouncedNoMore => oldest == Some(*number),
            _ => false,
        };
    }
    let (Happens::Edit(target, _) | Happens::Delete(target)) = what else { return false };
    timeline.position.seq() == Seq::new(*target)
}

proptest! {
    // 100,000 events in all.
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn nothing_that_comes_moves_the_line_under_ones_eyes(
        up in 1i32..60, wide in any::<bool>(), rows in 3u16..20,
        what in prop::collection::vec(happens(), 400),
    ) {
        let mut view = view(if wide { 90 } else { 40 }, rows);
        let mut timeline = Timeline::default();
        timeline.start(seq(1), seq(100));
        fetch(&mut timeline, &view);
        (0..12).for_each(|_| fetch(&mut timeline, &view));
        timeline.scroll(Scroll::Rows(-up), &view);
        for what in what {
            // Who has just ignored what they read has its run where it was, and no text.
            let has_text = timeline.position.seq().is_none_or(|seq| !timeline.is_folded(seq));
            let is_reading = has_text && matches!(timeline.position, Position::At(_));
            let is_resize = matches!(what, Happens::Resize(..));
            let is_changed = changes_what_is_read(&timeline, &what);
            let before = under_the_eyes(&timeline, &view);
            let doing = format!("{what:?}");
            happen(&mut timeline, &mut view, what);
            if is_reading && !is_resize && !is_changed {
                prop_assert_eq!(before, under_the_eyes(&timeline, &view), "{}", doing);
            }
        }
    }

}

proptest! {
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
