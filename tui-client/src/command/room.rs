//! Commands about rooms and what is said in them.

use protocol::{
    ClientFrame, MessageText, PageLimit, RequestId, RoomName, Topic,
    client::{Join, ListRooms, SetTopic},
};

use crate::{
    effect::Effect,
    event::Now,
    keeping::Wish,
    outbox::Outgoing,
    place::Place,
    request::Wants,
    state::{State, Warned},
    update::{leaving, places, returning, sending},
};

/// `/join [ROOM]`
pub(super) fn join(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    if text.is_empty() {
        return rooms(state, "", now);
    }
    let room = RoomName::parse(text).map_err(|refusal| refusal.text)?;
    enter(state, room, now)
}

/// Shows a room that one is in, or goes into it.
pub(crate) fn enter(state: &mut State, room: RoomName, now: Now) -> Result<Vec<Effect>, String> {
    if let Some(index) = places::index_of(state, &Place::Room(room.clone())) {
        return Ok(places::show(state, index));
    }
    if !places::may_open(state) {
        return Err(format!("{} rooms are open; /leave one first", places::OPEN_MAX));
    }
    let wants = Wants::Enter { room: room.clone() };
    state.ask(wants, format!("/join {room}"), now, |id| {
        ClientFrame::Join(Join { id: Some(id), room, after: None, epoch: None })
    })
}

/// `/rooms`
pub(super) fn rooms(state: &mut State, _: &str, now: Now) -> Result<Vec<Effect>, String> {
    state.ask(Wants::Rooms, String::new(), now, |id| {
        ClientFrame::Rooms(ListRooms { id: Some(id), prefix: None, limit: PageLimit::MAX })
    })
}

/// `/leave`
pub(super) fn leave(state: &mut State, _: &str, _: Now) -> Result<Vec<Effect>, String> {
    if state.rooms.len() == 1 {
        return Err("this is your only room; /join another one, or /quit".into());
    }
    let place = state.room().place.clone();
    if let Some(unsent) = unsent_here(state) {
        let warned = Warned::Leave(place.clone());
        if state.warned.as_ref() != Some(&warned) {
            state.separator.answer(format!("{}; /leave again gives that up", unsent.said));
            state.warned = Some(warned);
            return Ok(Vec::new());
        }
        state.keeping.wish(Wish::Leave { place, ids: unsent.ids });
        return Ok(Vec::new());
    }
    Ok(places::leave(state, &place))
}

/// What would be lost by leaving the room that is shown.
struct Unsent {
    said: String,
    ids: Vec<RequestId>,
}

fn unsent_here(state: &State) -> Option<Unsent> {
    let place = &state.room().place;
    let is_lost = |message: &&Outgoing| message.is_unsent() || message.is_failed();
    let tail: Vec<&Outgoing> = state.outbox.tail(place).filter(is_lost).collect();
    let ids: Vec<RequestId> = tail.iter().map(|message| message.id.clone()).collect();
    let count = leaving::counted(ids.len());
    let said = if ids.is_empty() {
        return None;
    } else if tail.iter().all(|message| message.is_failed()) {
        format!("{count} here failed")
    } else {
        format!("{count} here not sent yet")
    };
    Some(Unsent { said, ids })
}

/// `/me TEXT`
pub(super) fn me(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    if text.is_empty() {
        return Err("what do you do? /me TEXT".into());
    }
    // As in XEP-0245: the words go as they are typed, and each client shows them its way.
    let line = format!("/me {text}");
    let text = MessageText::parse(&line).map_err(|refusal| refusal.text)?;
    let place = state.room().place.clone();
    let reply_to = state.composer.reply_to(&place);
    sending::queue(state, &place, vec![text], line, reply_to, now)?;
    if reply_to.is_some() {
        state.composer.about.remove(&place);
    }
    Ok(Vec::new())
}

/// `/topic [TEXT]`
pub(super) fn topic(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let Some(room) = state.room().place.room().cloned() else {
        return Err("a private conversation has no topic".into());
    };
    if text.is_empty() {
        let topic = places::topic(state);
        state.separator.answer(topic.unwrap_or_else(|| "no topic; /topic TEXT sets one".into()));
        return Ok(Vec::new());
    }
    let words = if text == "-" { "" } else { text };
    let topic = Topic::parse(words).map_err(|refusal| refusal.text)?;
    state.ask(Wants::Topic, format!("/topic {text}"), now, |id| {
        ClientFrame::Topic(SetTopic { id, room, text: topic })
    })
}

/// `/retry`
pub(super) fn retry(state: &mut State, _: &str, now: Now) -> Result<Vec<Effect>, String> {
    let failed = failed_here(state)?;
    let ids = failed.into_iter().map(|id| (id, state.ids.next(now.wall))).collect();
    state.keeping.wish(Wish::Retry(ids));
    // Where the hub did not let one in it is asked again.
    let room = state.room().place.room().cloned();
    let refused = room.filter(|room| state.link.is_live() && state.link.forgive(room));
    Ok(refused.and_then(|room| returning::join(state, room, now)).into_iter().collect())
}

/// `/discard`
pub(super) fn discard(state: &mut State, _: &str, _: Now) -> Result<Vec<Effect>, String> {
    let failed = failed_here(state)?;
    state.separator.answer(match failed.len() {
        1 => "1 message given up; Up brings its text back".into(),
        count => format!("{count} messages given up; Up brings their texts back"),
    });
    state.keeping.wish(Wish::GiveUp(failed));
    Ok(Vec::new())
}

fn failed_here(state: &State) -> Result<Vec<RequestId>, String> {
    let failed = state.outbox.failed_in(&state.room().place);
    if failed.is_empty() { Err("no message failed here".into()) } else { Ok(failed) }
}
