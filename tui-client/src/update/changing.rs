//! Answering, editing and deleting one message.

use protocol::{
    ClientFrame, ErrorCode, EventKind, MessageText, RoomEvent, RoomName, Seq,
    client::{Delete, Edit},
    server::{ErrorFrame, Role},
};

use crate::{
    composer::{About, paste},
    effect::Effect,
    event::Now,
    link::clock,
    place::Place,
    request::Wants,
    state::State,
    timeline::ACTION,
    update::frames,
};

/// What is sent from the draft to change a message, or from a command.
pub(crate) struct Change {
    pub(crate) seq: Seq,
    pub(crate) text: MessageText,
    /// What was typed.
    pub(crate) line: String,
    /// Whether that was in the draft, as it is to read.
    pub(crate) is_draft: bool,
}

/// The draft is an answer to this message from now on.
pub(crate) fn reply(state: &mut State, seq: Seq) -> Result<(), String> {
    let event = event(state, seq)?;
    if !is_message(event) {
        return Err("only messages can be answered".into());
    }
    let place = state.room().place.clone();
    state.composer.answer(place, seq);
    state.separator.clear_said();
    Ok(())
}

/// The draft is this message from now on, to be changed.
pub(crate) fn edit(state: &mut State, seq: Seq) -> Result<(), String> {
    let event = event(state, seq)?;
    let Some(text) = event.text.as_ref().filter(|_| may_edit(state, seq)) else {
        return Err("only your own messages can be edited".into());
    };
    // What is sent from a draft with a slash more has it less.
    let is_literal = text.as_str().starts_with('/') && !text.as_str().starts_with(ACTION);
    let text = format!("{}{text}", if is_literal { "/" } else { "" });
    let place = state.room().place.clone();
    state.composer.edit(place, seq, &text);
    state.separator.clear_said();
    Ok(())
}

/// Whether this message can be answered.
pub(crate) fn may_reply(state: &State, seq: Seq) -> bool {
    event(state, seq).is_ok_and(is_message)
}

/// Whether one may take this message back.
pub(crate) fn may_delete(state: &State, seq: Seq) -> bool {
    let is_allowed = |event: &RoomEvent| is_mine(state, event) || state.role() == Role::Operator;
    event(state, seq).is_ok_and(|event| is_message(event) && is_allowed(event))
}

/// Whether the words of this message are one's own to change. What is announced is changed by
/// those who may still announce.
pub(crate) fn may_edit(state: &State, seq: Seq) -> bool {
    let is_open =
        |event: &RoomEvent| event.kind == EventKind::Message || state.role() == Role::Operator;
    let is_own = |event: &RoomEvent| is_message(event) && is_mine(state, event);
    event(state, seq).is_ok_and(|event| is_own(event) && is_open(event))
}

/// The last message that one said here.
pub(crate) fn last_own(state: &State) -> Option<Seq> {
    let is_own = |event: &RoomEvent| {
        is_mine(state, event) && event.kind == EventKind::Message && is_message(event)
    };
    state.room().timeline().newest_where(is_own)
}

/// Sends what is in the draft as the new words of the message that is being edited, if one is.
pub(super) fn send_edit(
    state: &mut State,
    literal: &str,
    now: Now,
) -> Option<Result<Vec<Effect>, String>> {
    let place = state.room().place.clone();
    let Some(About::Edit { seq, .. }) = state.composer.about(&place) else { return None };
    Some(send_edit_of(state, *seq, literal, now))
}

fn send_edit_of(
    state: &mut State,
    seq: Seq,
    literal: &str,
    now: Now,
) -> Result<Vec<Effect>, String> {
    if paste::split(literal).len() > 1 {
        return Err("that is too long for one message; make it shorter".into());
    }
    let text = MessageText::parse(literal).map_err(|refusal| refusal.text)?;
    let place = state.room().place.clone();
    let is_same = event(state, seq).is_ok_and(|event| event.text.as_ref() == Some(&text));
    let mut effects = Vec::new();
    if !is_same {
        let line = state.composer.draft.text().to_owned();
        effects = change(state, Change { seq, text, line, is_draft: true }, now)?;
    }
    state.composer.end_about(&place);
    state.separator.clear_said();
    Ok(effects)
}

/// Asks the hub to change a message.
pub(crate) fn change(state: &mut State, change: Change, now: Now) -> Result<Vec<Effect>, String> {
    let room = here(state)?;
    let Change { seq, text, line, is_draft } = change;
    let place = Place::Room(room.clone());
    state.ask(Wants::Edit { place, seq, is_draft }, line, now, |id| {
        ClientFrame::Edit(Edit { id, room, seq, text })
    })
}

/// Asks the hub to delete a message. `line` is what was typed, if anything.
pub(crate) fn delete(
    state: &mut State,
    seq: Seq,
    line: String,
    now: Now,
) -> Result<Vec<Effect>, String> {
    let room = here(state)?;
    state.ask(Wants::Delete, line, now, |id| ClientFrame::Delete(Delete { id, room, seq }))
}

/// The hub did not change a message, or the connection went before it answered.
pub(super) fn refused(state: &mut State, wants: &Wants, line: &str, why: String) {
    match wants {
        Wants::Edit { place, seq, is_draft: true } => {
            let shown = state.room().place.clone();
            state.composer.edit_again(place, *seq, line, &shown);
            state.separator.error(why);
        }
        _ if line.is_empty() => state.separator.error(why),
        _ => frames::put_back(state, line, why),
    }
}

/// Why not, in one sentence; also where the hub is older than this client.
pub(super) fn why_not(wants: &Wants, error: ErrorFrame) -> String {
    let what = match wants {
        Wants::Edit { .. } => "edit",
        _ => "delete",
    };
    if error.code == ErrorCode::UnknownType {
        return format!("this hub is older and cannot {what} messages; it has to be updated first");
    }
    error.text
}

/// What the draft is about, for the row above it.
pub(crate) fn about_words(state: &State) -> Option<String> {
    let about = state.composer.about(&state.room().place)?;
    let (About::Reply(seq) | About::Edit { seq, .. }) = about;
    let event = state.room().timeline().event(*seq);
    let time = event.map_or_else(String::new, |event| clock(event.at, &state.settings.time_zone));
    Some(match (about, event) {
        (About::Reply(_), Some(event)) if state.noticing.ignoring.hides(event) => {
            "→ an ignored message · Esc cancels".into()
        }
        (About::Reply(_), Some(event)) => {
            let line = event.text.as_ref().and_then(|text| text.as_str().lines().next());
            format!("→ {} {time} · Esc cancels · {}", event.from, line.unwrap_or_default())
        }
        (About::Reply(_), None) => "→ an older message · Esc cancels".into(),
        (About::Edit { .. }, _) => format!("edit {time} · Enter changes it · Esc cancels"),
    })
}

/// Removes what drafts are about that belongs to another life of the room.
pub(super) fn forget(state: &mut State, place: &Place) {
    let shown = state.room().place.clone();
    state.composer.forget_about(place, &shown);
    state.outbox.forget_replies(place);
}

fn event(state: &State, seq: Seq) -> Result<&RoomEvent, String> {
    let event = state.room().timeline().event(seq);
    event.ok_or_else(|| format!("message {seq} of this room is not here; scroll to it first"))
}

fn is_mine(state: &State, event: &RoomEvent) -> bool {
    state.me.as_ref().is_some_and(|me| me.identity == event.by)
}

/// Whether it is something that somebody said and that is still there.
fn is_message(event: &RoomEvent) -> bool {
    let is_said = matches!(event.kind, EventKind::Message | EventKind::Announcement);
    is_said && event.deleted.is_none()
}

fn here(state: &State) -> Result<RoomName, String> {
    let room = state.room().place.room().cloned();
    room.ok_or_else(|| "nothing was said here yet".into())
}
