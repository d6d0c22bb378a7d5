//! From the draft to the hub: what Enter sends, and what goes when.

use protocol::{
    Addressee, ClientFrame, MessageText, RoomName, Seq,
    client::{Announce, Direct, History, Say},
};

use crate::{
    composer::{Draft, paste},
    effect::Effect,
    event::Now,
    keeping::Wish,
    outbox::{OUTBOX_MAX, Outgoing, Stage},
    place::Place,
    request::{Request, Wants},
    state::State,
    timeline::Scroll,
    update::{going, peeking, places},
    view::layout,
};

/// Sends what is written, as one message or, once the user has agreed, as several. What cannot
/// be sent stays in the draft.
pub(super) fn send_draft(state: &mut State, literal: &str, now: Now) -> Result<(), String> {
    let pieces = paste::split(literal);
    if pieces.len() > 1 && !state.composer.may_split {
        state.composer.may_split = true;
        let count = pieces.len();
        state.separator.answer(format!("Enter again sends {count} messages"));
        return Ok(());
    }
    let texts: Result<Vec<MessageText>, _> = pieces.into_iter().map(MessageText::parse).collect();
    let texts = texts.map_err(|refusal| refusal.text)?;
    let place = state.room().place.clone();
    let line = state.composer.draft.text().to_owned();
    let reply_to = state.composer.reply_to(&place);
    queue(state, &place, texts, line, reply_to, now)?;
    state.composer.about.remove(&place);
    sent(state);
    Ok(())
}

/// The draft is on its way: it can be had again with ↑. Where it was such a line, what was written
/// before is there again.
pub(super) fn sent(state: &mut State) {
    let line = state.composer.draft.take();
    let before = state.composer.history.leave();
    state.composer.draft = Draft::of(before.map(|(_, draft)| draft).unwrap_or_default());
    state.composer.history.push(&line);
    state.composer.may_split = false;
    state.separator.clear_said();
}

/// Messages go into the outbox as soon as they are on disk, and from there when they can.
/// `line` is what was typed: it comes back if the disk does not take them. The first one answers
/// `reply_to`.
pub(crate) fn queue(
    state: &mut State,
    place: &Place,
    texts: Vec<MessageText>,
    line: String,
    reply_to: Option<Seq>,
    now: Now,
) -> Result<(), String> {
    may_take(state, texts.len())?;
    let mut messages: Vec<Outgoing> =
        texts.into_iter().map(|text| message(state, place, text, now)).collect();
    if let Some(first) = messages.first_mut() {
        first.reply_to = reply_to;
    }
    take(state, messages, line);
    if *place == state.room().place {
        show_sent(state);
    }
    Ok(())
}

/// An announcement goes the way of a message: to this room, or to everyone where `place` is that of
/// the announcements.
pub(crate) fn announce(
    state: &mut State,
    place: &Place,
    text: MessageText,
    now: Now,
) -> Result<(), String> {
    may_take(state, 1)?;
    let message = Outgoing { announces: true, ..message(state, place, text, now) };
    let line = message.line();
    take(state, vec![message], line);
    show_sent(state);
    Ok(())
}

/// Whether so many messages more can be taken, or in one sentence why not.
fn may_take(state: &State, count: usize) -> Result<(), String> {
    if state.keeping.owner.is_none() {
        return Err("it is not settled yet who you are here; send it when it is".into());
    }
    if !state.outbox.has_room_for(state.keeping.to_send() + count) {
        return Err(format!("{OUTBOX_MAX} messages wait already; send this one later"));
    }
    Ok(())
}

fn take(state: &mut State, messages: Vec<Outgoing>, line: String) {
    let from = state.room().place.clone();
    state.keeping.wish(Wish::Send { messages, line, from });
    state.separator.clear_preview();
}

/// Who writes sees what they wrote, and has read what was there.
fn show_sent(state: &mut State) {
    peeking::open(state);
    going::scroll_room(state, Scroll::Newest);
    state.rooms[state.current].retire_line();
    state.rooms[state.current].read_all();
}

fn message(state: &mut State, place: &Place, text: MessageText, now: Now) -> Outgoing {
    let to = places::addressee(state, places::index_of(state, place), place);
    let (id, place) = (state.ids.next(now.wall), place.clone());
    let typed = now.wall;
    let (reply_to, announces, tried) = (None, false, false);
    Outgoing { id, place, to, reply_to, announces, text, typed, stage: Stage::Queued, tried }
}

/// The messages that can go now: one for each place that has none in flight.
pub(super) fn send_next(state: &mut State, now: Now) -> Vec<Effect> {
    // They are one person's, and the hub says whom it takes this client for.
    let is_owner = state.me.as_ref().map(|me| &me.identity) == state.keeping.owner.as_ref();
    let State { outbox, link, .. } = state;
    let next = outbox.next(now.mono, |place| is_owner && link.reaches(place));
    next.into_iter().map(|message| Effect::Send(frame(message))).collect()
}

/// The page that is missing near what is visible, unless one is on its way.
pub(super) fn ask_for_page(state: &mut State, now: Now) -> Option<Effect> {
    if !state.link.is_live() || !state.requests.has_room() {
        return None;
    }
    let view = layout::viewport(state);
    let (history, want) = state.rooms[state.current].wanted_page(&view)?;
    let id = state.ids.next(now.wall);
    let wants = Wants::Page { room: history.room.clone(), want };
    state.requests.insert(id.clone(), Request { wants, line: String::new() }, now.mono);
    Some(Effect::Send(ClientFrame::History(History { id: Some(id), ..history })))
}

/// A message that began as a `direct` stays one: under its id the hub knows nothing else.
fn frame(message: Outgoing) -> ClientFrame {
    let Outgoing { id, place, to, reply_to, announces, text, .. } = message;
    match (to, place) {
        (_, place) if announces => {
            let room = place.room().filter(|room| **room != RoomName::announcements());
            ClientFrame::Announce(Announce { id, text, room: room.cloned() })
        }
        (Some(to), _) => ClientFrame::Direct(Direct { id, to, text }),
        (None, Place::Room(room)) => ClientFrame::Say(Say { id, room, text, reply_to }),
        (None, Place::Peer(name)) => {
            ClientFrame::Direct(Direct { id, to: Addressee::Name(name), text })
        }
    }
}
