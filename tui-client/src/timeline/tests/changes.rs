//! Edits and deletions, in whatever order they come.

use super::*;

/// An edit or a deletion of the message `target`.
pub(super) fn change(number: u64, target: u64, kind: EventKind, text: &str) -> RoomEvent {
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
