//! Commands about one message: `/reply`, `/edit`, `/delete`.

use protocol::{MessageText, RoomEvent, Seq, UserName};

use crate::{
    effect::Effect,
    event::Now,
    state::{State, Warned},
    update::{
        changing::{self, Change},
        sending,
    },
};

/// `/reply [SEQ|NAME] [TEXT]`
pub(super) fn reply(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let (seq, words) = answered(state, text)?;
    if words.is_empty() && !state.has_screen {
        return Err(format!("the answer goes on the same line: /reply {seq} TEXT"));
    }
    if words.is_empty() {
        changing::reply(state, seq)?;
        return Ok(Vec::new());
    }
    let text = MessageText::parse(words).map_err(|refusal| refusal.text)?;
    let place = state.room().place.clone();
    let line = format!("/reply {seq} {words}");
    sending::queue(state, &place, vec![text], line, Some(seq), now)?;
    Ok(Vec::new())
}

/// `/edit [SEQ] [TEXT]`
pub(super) fn edit(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let (seq, words) = numbered(state, text);
    let seq = seq.or_else(|| changing::last_own(state)).ok_or("you said nothing here yet")?;
    if words.is_empty() && !state.has_screen {
        return Err(format!("the new words go on the same line: /edit {seq} TEXT"));
    }
    if words.is_empty() {
        changing::edit(state, seq)?;
        return Ok(Vec::new());
    }
    if state.room().timeline().event(seq).is_some() && !changing::may_edit(state, seq) {
        return Err(format!("message {seq} is not yours; /edit TEXT changes your last one"));
    }
    let text = MessageText::parse(words).map_err(|refusal| refusal.text)?;
    let line = format!("/edit {seq} {words}");
    changing::change(state, Change { seq, text, line, is_draft: false }, now)
}

/// `/delete [SEQ]`
pub(super) fn delete(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let (seq, rest) = numbered(state, text);
    if !rest.is_empty() {
        return Err(format!("no message has the number {rest}; /delete alone takes your last one"));
    }
    if let Some(seq) = seq {
        return changing::delete(state, seq, format!("/delete {seq}"), now);
    }
    let seq = changing::last_own(state).ok_or("you said nothing here yet")?;
    let warned = Warned::Delete(seq);
    if state.warned.as_ref() != Some(&warned) {
        let text = state.room().timeline().event(seq).and_then(|event| event.text.as_ref());
        let line = text.and_then(|text| text.as_str().lines().next()).unwrap_or_default();
        state.separator.answer(format!("/delete again deletes: {line}"));
        state.warned = Some(warned);
        return Ok(Vec::new());
    }
    state.warned = None;
    changing::delete(state, seq, "/delete".into(), now)
}

/// What is answered, and with what: the message of a number, the last one of a person, or the
/// last one of somebody else.
fn answered<'a>(state: &State, text: &'a str) -> Result<(Seq, &'a str), String> {
    let (seq, rest) = numbered(state, text);
    if let Some(seq) = seq {
        return Ok((seq, rest));
    }
    let (first, rest) = first_word(text);
    let name = UserName::parse(first.trim_start_matches('@').trim_end_matches([':', ','])).ok();
    if let Some(ignored) = name.as_ref().and_then(|name| state.noticing.ignoring.named(name)) {
        return Err(format!("you ignore {0}; /unignore {0} first", ignored.name));
    }
    let of_name = name.and_then(|name| {
        let key = name.key();
        newest(state, |event| event.from.key() == key)
    });
    if let Some(seq) = of_name {
        return Ok((seq, rest));
    }
    let me = state.me.as_ref().map(|me| &me.identity);
    let seq = newest(state, |event| Some(&event.by) != me);
    seq.map(|seq| (seq, text)).ok_or_else(|| "nobody else has said anything here yet".into())
}

/// A number at the beginning that a message of this room has, and what follows it.
fn numbered<'a>(state: &State, text: &'a str) -> (Option<Seq>, &'a str) {
    let (first, rest) = first_word(text);
    let number = first.parse().ok().and_then(Seq::new);
    let last = state.room().timeline().last();
    match number.filter(|seq| (Seq::ZERO.next()..=last).contains(seq)) {
        Some(seq) => (Some(seq), rest),
        None => (None, text),
    }
}

fn newest(state: &State, is_it: impl Fn(&RoomEvent) -> bool) -> Option<Seq> {
    let is_seen = |event: &RoomEvent| !state.noticing.ignoring.hides(event);
    let is_said = |event: &RoomEvent| event.text.is_some() && event.deleted.is_none();
    state.room().timeline().newest_where(|event| is_said(event) && is_seen(event) && is_it(event))
}

fn first_word(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}
