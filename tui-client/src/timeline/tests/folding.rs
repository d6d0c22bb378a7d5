//! What people say whom one ignores.

use std::sync::Arc;

use super::{changes::change, *};
use crate::{
    ignoring::{Ignored, Ignoring},
    noticing::Noticing,
};

/// One ignores these people.
pub(super) fn ignoring(names: &[&str]) -> Arc<Noticing> {
    let mut ignoring = Ignoring::default();
    for text in names {
        let identity = Identity::from_bytes([text.as_bytes()[0]; 16]);
        ignoring.add(Ignored::new(Some(identity), name(text)));
    }
    Arc::new(Noticing { ignoring, ..Noticing::default() })
}

/// `Bob`, `cyd` and `Dan` say `m1`, `m2`, … each as often as this says.
fn talk(counts: &[(&str, u64)]) -> Timeline {
    let mut timeline = Timeline::default();
    for (from, count) in counts {
        for _ in 0..*count {
            let next = timeline.last().next().get();
            timeline.append(said(next, 0, from, &format!("m{next}")));
        }
    }
    timeline
}

/// The rows without the day line, and without blanks around them.
fn trimmed(timeline: &Timeline, view: &Viewport) -> Vec<String> {
    shown(timeline, view).iter().skip(1).map(|row| row.trim().to_owned()).collect()
}

#[test]
fn each_run_of_it_is_one_row_that_counts() {
    let mut timeline = talk(&[("Bob", 1), ("cyd", 1), ("Bob", 1), ("cyd", 2), ("Dan", 1)]);
    timeline.notice(ignoring(&["cyd", "Dan"]));
    assert_eq!(
        trimmed(&timeline, &view(64, 9)),
        [
            "14:00 Bob         m1",
            "1 message of people you ignore",
            "14:00 Bob         m3",
            "3 messages of people you ignore",
        ]
    );
    timeline.append(said(7, 0, "cyd", "m7"));
    timeline.append(said(8, 0, "Bob", "m8"));
    assert_eq!(
        trimmed(&timeline, &view(64, 9))[3..],
        ["4 messages of people you ignore", "14:00 Bob         m8"]
    );
}

#[test]
fn seen_again_everybody_has_said_what_they_said() {
    let lines = [("Bob", 2), ("cyd", 2), ("Dan", 1), ("cyd", 1), ("Bob", 1)];
    let before = talk(&lines);
    let mut timeline = Timeline::default();
    timeline.notice(ignoring(&["cyd", "Dan"]));
    for seq in before.entries.keys() {
        timeline.append(before.event(*seq).unwrap().clone());
    }
    timeline.notice(ignoring(&[]));
    assert_eq!(shown(&timeline, &view(64, 20)), shown(&before, &view(64, 20)));
}

#[test]
fn what_is_missing_between_them_may_be_anybodys() {
    let view = view(64, 9);
    let mut timeline = Timeline::default();
    timeline.notice(ignoring(&["cyd"]));
    timeline.append(said(1, 0, "cyd", "m1"));
    timeline.append(said(5, 0, "cyd", "m5"));
    let one = "1 message of people you ignore";
    assert_eq!(trimmed(&timeline, &view), [one, "… 3 more messages …", one]);
    timeline.insert_page(&[said(3, 0, "Bob", "m3")], seq(2), seq(4));
    assert_eq!(trimmed(&timeline, &view), [one, "14:00 Bob         m3", one]);
    timeline.insert_page(&[said(2, 0, "cyd", "m2"), said(4, 0, "cyd", "m4")], seq(2), seq(4));
    let two = "2 messages of people you ignore";
    assert_eq!(trimmed(&timeline, &view), [two, "14:00 Bob         m3", two]);
}

#[test]
fn nothing_is_told_of_it_but_what_the_hub_reports() {
    let view = view(64, 9);
    let mut timeline = talk(&[("cyd", 1), ("Bob", 1)]);
    timeline.notice(ignoring(&["cyd"]));
    timeline.append(RoomEvent { reply_to: Some(seq(1)), ..said(3, 0, "Bob", "no") });
    timeline.append(change(4, 1, EventKind::Edit, "changed"));
    timeline.append(RoomEvent { kind: EventKind::Topic, ..said(5, 0, "cyd", "tea") });
    timeline.append(RoomEvent { kind: EventKind::Notice, ..said(6, 0, "cyd", "muted Dan") });
    assert_eq!(
        trimmed(&timeline, &view),
        [
            "1 message of people you ignore",
            "14:00 Bob         m2",
            "→ an ignored message  no",
            "1 message of people you ignore",
            "14:00 --          cyd muted Dan",
        ]
    );
}

#[test]
fn it_is_not_counted_as_new() {
    let mut timeline = talk(&[("Bob", 40)]);
    timeline.notice(ignoring(&["cyd"]));
    timeline.scroll(Scroll::Rows(-20), &view(64, 9));
    timeline.append(said(41, 0, "cyd", "hello?"));
    timeline.append(said(42, 0, "Bob", "hello"));
    assert_eq!(timeline.below(), 1);
    assert_eq!(timeline.count_after(seq(39), None), 2);
    timeline.set_unread(Some(UnreadLine::after(seq(40))));
    timeline.scroll(Scroll::Newest, &view(64, 9));
    let rows = trimmed(&timeline, &view(64, 4));
    let wanted = ["1 message of people you ignore", "14:00 Bob         hello"];
    assert_eq!([&rows[0], &rows[2]], wanted, "the line is above what is seen");
    assert!(rows[1].contains("─ unread ─"), "{rows:?}");
}

#[test]
fn it_cannot_be_selected() {
    let view = view(64, 9);
    let mut timeline = talk(&[("Bob", 1), ("cyd", 3), ("Bob", 1), ("cyd", 1)]);
    let cyd = Selected::Event(seq(3));
    assert_eq!(timeline.still_selected(&cyd, &view), Some(cyd.clone()));
    timeline.notice(ignoring(&["cyd"]));
    assert_eq!(timeline.lowest_in_view(&view), Some(Selected::Event(seq(5))));
    let up = timeline.step(&Selected::Event(seq(5)), Step::Up, &view);
    assert_eq!(up, Some(Selected::Event(seq(1))));
    assert_eq!(timeline.still_selected(&cyd, &view), Some(Selected::Event(seq(1))));
}

#[test]
fn the_line_that_one_reads_and_then_ignores_is_back_where_it_was() {
    let view = view(64, 6);
    let mut timeline = talk(&[("Bob", 30), ("cyd", 9), ("Bob", 30)]);
    timeline.scroll(Scroll::Rows(-32), &view);
    let before = shown(&timeline, &view);
    assert!(before[1].ends_with("m33"), "{before:?}");
    timeline.notice(ignoring(&["cyd"]));
    let folded = trimmed(&timeline, &view);
    assert_eq!(folded[0], "14:00 Bob         m40", "{folded:?}");
    timeline.notice(ignoring(&[]));
    assert_eq!(shown(&timeline, &view), before);
}

#[test]
fn the_first_line_in_view_that_is_seen_still_stays_where_it_is() {
    let view = view(64, 6);
    let mut timeline = talk(&[("Bob", 30), ("cyd", 9), ("Bob", 30)]);
    timeline.scroll(Scroll::Rows(-28), &view);
    let before = shown(&timeline, &view);
    assert!(before[1].ends_with("m37") && before[4].ends_with("m40"), "{before:?}");
    timeline.read_beside(|event| event.from == name("cyd"), &view);
    assert_eq!(shown(&timeline, &view), before);
    timeline.notice(ignoring(&["cyd"]));
    let after = shown(&timeline, &view);
    assert_eq!(after[4..], before[4..]);
    assert_eq!(after[3].trim(), "9 messages of people you ignore");
    timeline.notice(ignoring(&[]));
    assert_eq!(shown(&timeline, &view)[1..], before[1..]);
}

#[test]
fn a_flood_of_it_costs_no_more_than_one_row() {
    let mut timeline = Timeline::default();
    timeline.notice(ignoring(&["cyd"]));
    timeline.append(said(1, 0, "Bob", "first"));
    for number in 2..9_000 {
        timeline.append(said(number, 0, "cyd", "flood"));
    }
    timeline.append(said(9_000, 0, "Bob", "last"));
    let rows = trimmed(&timeline, &view(64, 9));
    let wanted = ["14:00 Bob         first", "8,998 messages of people you ignore"];
    assert_eq!(rows[..2], wanted);
    let mut steps = 0;
    let mut spot = timeline.at_or_after(Seq::ZERO);
    while let Some(here) = spot {
        steps += 1;
        spot = timeline.after(here, &view(64, 9));
    }
    assert_eq!(steps, 3);
}

proptest! {
    #[test]
    fn runs_are_what_a_walk_from_event_to_event_finds(
        authors in prop::collection::vec((0usize..3, 1u64..3), 1..60), hidden in 0usize..8,
        page in (1u64..60, 1u64..20), kept in 20usize..60,
    ) {
        let names = ["Bob", "cyd", "Dan"];
        let of = |set: usize| -> Vec<&str> {
            (0..3).filter(|bit| set >> bit & 1 == 1).map(|bit| names[bit]).collect()
        };
        let mut timeline = Timeline::default();
        timeline.notice(ignoring(&of(hidden)));
        for (author, step) in authors {
            let next = timeline.last().get() + step;
            timeline.append(said(next, 0, names[author], "hello"));
        }
        timeline.keep_at_most(kept);
        let (from, to) = (page.0, (page.0 + page.1).min(timeline.last().get()));
        let events: Vec<RoomEvent> = (from..=to)
            .filter(|number| number % 3 != 0)
            .map(|number| said(number, 0, names[(number % 2) as usize], "page"))
            .collect();
        timeline.insert_page(&events, seq(from), seq(to.max(from)));
        let mut told = 0;
        let mut walked = Vec::new();
        let view = view(64, 9);
        let mut spot = timeline.at_or_after(Seq::ZERO);
        while let Some(here) = spot {
            if let Spot::Event(seq) = here {
                told += timeline.fold_words(seq).map_or(1, |words| {
                    words.split(' ').next().unwrap().parse::<usize>().unwrap()
                });
            }
            prop_assert!(!timeline.rows_of(here, &view).is_empty());
            let next = timeline.after(here, &view);
            prop_assert_eq!(next.and_then(|next| timeline.before(next)), next.map(|_| here));
            walked.push(here);
            spot = next;
        }
        prop_assert_eq!(told, timeline.entries.len());
        let both = walked.windows(2).filter(|pair| pair.iter().all(|spot| match spot {
            Spot::Event(seq) => timeline.is_folded(*seq),
            Spot::Gap(_) | Spot::Arrivals(_) | Spot::Announced(..) | Spot::Tail(_) => false,
        }));
        prop_assert_eq!(both.count(), 0, "two rows for one run");
    }
}
