//! What notes come to.

use protocol::{Addressee, MessageText, RequestId, RoomName, Seq, Timestamp, UserName};

use super::{Kept, Note, Stage};
use crate::place::Place;

fn id(text: &str) -> RequestId {
    RequestId::parse(text).unwrap()
}

fn lobby() -> Place {
    RoomName::lobby().into()
}

fn typed(name: &str) -> Note {
    let text = MessageText::parse(name).unwrap();
    let (to, reply_to, announces) = (None, None, false);
    Note::Typed { id: id(name), place: lobby(), to, reply_to, announces, text, at: Timestamp(7) }
}

fn draft(text: &str) -> Note {
    Note::Draft { place: lobby(), text: text.into() }
}

fn kept(notes: &[Note]) -> Kept {
    let mut kept = Kept::default();
    kept.apply_all(notes);
    kept
}

fn ids(kept: &Kept) -> Vec<&str> {
    kept.messages.iter().map(|message| message.id.as_str()).collect()
}

#[test]
fn the_shortest_notes_come_to_the_same() {
    let bob = Place::Peer(UserName::parse("Bob").unwrap());
    let to = Some(Addressee::Name(UserName::parse("Bob").unwrap()));
    let all = kept(&[
        typed("a"),
        typed("b"),
        Note::Failed { id: id("a"), why: "no".into(), is_refused: true },
        Note::Moved { id: id("b"), place: bob, to },
        draft("x"),
        draft("xy"),
        typed("c"),
        Note::Done(id("c")),
        typed("d"),
        Note::Failed { id: id("d"), why: "no".into(), is_refused: true },
        Note::Retried { id: id("d"), new: id("e") },
    ]);
    assert_eq!(ids(&all), ["a", "b", "e"]);
    assert_eq!(all.messages[0].stage, Stage::Failed { why: "no".into(), is_refused: true });
    assert_eq!(all.messages[2].stage, Stage::Queued);
    assert_eq!(kept(&all.notes()), all);
}

#[test]
fn notes_are_the_same_after_a_file() {
    let to = Some(Addressee::Name(UserName::parse("Bob").unwrap()));
    let notes = [
        typed("a"),
        Note::Done(id("a")),
        Note::Moved { id: id("b"), place: lobby(), to },
        Note::Retried { id: id("d"), new: id("e") },
        Note::GivenUp(id("e")),
        draft("x\n\u{1F469}"),
    ];
    let json = serde_json::to_string(&notes).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Note>>(&json).unwrap(), notes);
}

#[test]
fn a_note_of_before_answers_nothing_and_one_of_now_what_it_does() {
    let old = r#"[{"typed":{"id":"a","place":{"room":"lobby"},"text":"a","at":7}}]"#;
    let notes = serde_json::from_str::<Vec<Note>>(old).unwrap();
    assert_eq!(notes, [typed("a")]);
    assert_eq!(serde_json::to_string(&notes).unwrap(), old);
    let mut answers = kept(&notes);
    answers.messages[0].reply_to = Seq::new(4);
    assert_eq!(kept(&answers.notes()), answers);
}

#[test]
fn what_two_files_have_counts_once() {
    let mut first = kept(&[typed("a"), typed("b"), draft("one")]);
    first.adopt(kept(&[typed("b"), typed("c"), draft("two")]));
    assert_eq!(ids(&first), ["a", "b", "c"]);
    assert_eq!(first.drafts[&lobby()], "one\ntwo");
    let again = first.clone();
    first.adopt(kept(&[typed("c"), draft("two")]));
    assert_eq!(first, again);
}
