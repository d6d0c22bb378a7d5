//! What is kept laid out is what would be laid out now.

use super::{
    moving::{Happens, happen, happens},
    *,
};

/// What else can happen to one who reads.
#[derive(Clone, Debug)]
enum Then {
    Happens(Happens),
    /// Somebody answers this message, which may be missing.
    Answers(u64),
    /// A message of another day.
    Later(i64),
    /// A page tells this message again, edited.
    Told(u64),
    Retention(u64),
    Rename(bool),
    Scroll(i32),
    Back,
    Newest,
    Select(u64),
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        12 => happens().prop_map(Then::Happens),
        3 => (1u64..300).prop_map(Then::Answers),
        1 => (-3i64..9).prop_map(Then::Later),
        1 => (1u64..300).prop_map(Then::Told),
        1 => (1u64..60).prop_map(Then::Retention),
        1 => any::<bool>().prop_map(Then::Rename),
        3 => (-40i32..40).prop_map(Then::Scroll),
        1 => Just(Then::Back),
        1 => Just(Then::Newest),
        1 => (1u64..300).prop_map(Then::Select),
    ]
}

fn follow(timeline: &mut Timeline, view: &mut Viewport, then: Then) {
    let next = timeline.last().next().get();
    match then {
        Then::Happens(what) => happen(timeline, view, what),
        Then::Answers(to) => {
            let answer = RoomEvent { reply_to: Some(seq(to)), ..said(next, 3, "Bob", "Ana: yes") };
            timeline.append(answer);
        }
        Then::Later(days) => {
            timeline.append(said(next, days * 24 * 60, "cyd", "another day"));
        }
        Then::Told(number) if number < next => {
            let edited = Some(protocol::Edited { seq: seq(next), at: Timestamp(START) });
            let told = RoomEvent { edited, ..said(number, 0, "Bob", "told again, and better") };
            timeline.insert_page(&[told], seq(number), seq(number));
        }
        Then::Told(_) => {}
        Then::Retention(oldest) => timeline.lose(seq(1), seq(oldest.min(next - 1))),
        Then::Rename(is_ana) => view.me = Some(name(if is_ana { "Ana" } else { "Bob" })),
        Then::Scroll(rows) => timeline.scroll(Scroll::Rows(rows), view),
        Then::Back => timeline.scroll(Scroll::Back, view),
        Then::Newest => timeline.scroll(Scroll::Newest, view),
        Then::Select(number) => view.selected = Some(Selected::Event(seq(number))),
    }
}

/// The rows of everything that is laid out, and those on the screen.
fn all_rows(timeline: &Timeline, which: &[Spot], view: &Viewport) -> Vec<Vec<Row>> {
    let spots = which.iter().map(|spot| timeline.rows_of(*spot, view).into_owned());
    spots.chain([timeline.rows(view)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn what_is_laid_out_is_what_would_be_laid_out_now(
        wide in any::<bool>(), rows in 3u16..20, what in prop::collection::vec(then(), 100),
    ) {
        let mut view = view(if wide { 90 } else { 40 }, rows);
        let mut timeline = Timeline::default();
        timeline.start(seq(1), seq(100));
        for then in what {
            timeline.lay_out(&view);
            let doing = format!("{then:?}");
            follow(&mut timeline, &mut view, then);
            let mut fresh = timeline.clone();
            fresh.rest();
            let spots: Vec<Spot> = timeline.spots_laid_out(&view).collect();
            let (kept, now) = (all_rows(&timeline, &spots, &view), all_rows(&fresh, &spots, &view));
            prop_assert_eq!(kept, now, "{}", doing);
        }
    }
}

#[test]
fn only_what_is_near_the_view_is_laid_out() {
    let mut timeline = log(9_000);
    let view = view(64, 20);
    timeline.lay_out(&view);
    assert_eq!(timeline.laid_out(), 41, "the newest, and two views above it");
    for _ in 0..400 {
        timeline.scroll(Scroll::PageUp, &view);
        timeline.lay_out(&view);
        assert!(timeline.laid_out() <= 3 * 100, "{}", timeline.laid_out());
    }
    timeline.rest();
    assert_eq!(timeline.laid_out(), 0);
}

#[test]
fn what_is_drawn_and_the_page_above_and_below_are_found_laid_out() {
    let mut timeline = log(9_000);
    let view = view(64, 20);
    for scroll in [Scroll::PageUp, Scroll::PageUp, Scroll::PageDown, Scroll::Back] {
        timeline.scroll(scroll, &view);
        timeline.lay_out(&view);
        let top = timeline.top(&view).unwrap();
        let (first, last) = (timeline.up(top, 20, &view).spot, timeline.down(top, 39, &view).spot);
        let laid: Vec<Spot> = timeline.spots_laid_out(&view).collect();
        assert!(laid.contains(&first) && laid.contains(&last), "{scroll:?}");
    }
}
