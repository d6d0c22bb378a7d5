//! Back into the rooms that one was in, and what if the hub does not let one.

use std::time::Duration;

use protocol::{ClientFrame, RoomName, UserName, client::Join, server::ErrorFrame};

use crate::{
    effect::Effect,
    event::Now,
    link::Refused,
    place::Place,
    request::{Request, Return, Wants},
    state::State,
    update::{frames, places},
};

/// No room is asked for more often than that, whatever the hub says.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Private conversations that the hub knows of and this client does not: somebody may have
/// written meanwhile.
pub(super) fn open_private_rooms(state: &mut State) {
    let private = state.known_rooms.iter().filter(|room| room.mine && room.peer.is_some());
    for summary in private.cloned().collect::<Vec<_>>() {
        let place = Place::Room(summary.room.clone());
        if let Some(peer) = &summary.peer {
            begun(state, peer, &place);
        }
        let index = match places::index_of(state, &place) {
            Some(index) => index,
            None if is_unwanted(state, summary.peer.as_ref(), &place) => continue,
            None if places::may_open_for(state, &place) => places::open(state, place),
            None => continue,
        };
        state.rooms[index].peer = summary.peer;
    }
}

/// Whether this would open a conversation with somebody whom one ignores.
fn is_unwanted(state: &State, peer: Option<&UserName>, place: &Place) -> bool {
    let is_ignored = peer.is_some_and(|peer| state.noticing.ignoring.has_named(peer));
    is_ignored && state.outbox.tail(place).next().is_none()
}

/// The private conversation with `peer`, if it is open or written in without a room, has one now.
pub(super) fn begun(state: &mut State, peer: &UserName, place: &Place) {
    let key = peer.key();
    let is_with = |other: &&Place| matches!(other, Place::Peer(name) if name.key() == key);
    let open = state.rooms.iter().map(|room| &room.place);
    let found = open.chain(state.outbox.places()).find(is_with).cloned();
    if let Some(from) = found {
        places::moved(state, &from, place);
    }
}

/// What was written to somebody is in this room, of which the hub has not told: the rest of what
/// waits goes there too, so one has to be in it.
pub(super) fn found(state: &mut State, from: &Place, room: &RoomName, now: Now) -> Option<Effect> {
    let Place::Peer(peer) = from else { return None };
    let place = Place::Room(room.clone());
    if places::index_of(state, &place).is_some() || !places::may_open_for(state, &place) {
        return None;
    }
    let index = places::open(state, place);
    state.rooms[index].peer = Some(peer.clone());
    join(state, room.clone(), now)
}

/// Joins every room again, the one that is shown first.
pub(super) fn join_rooms(state: &mut State, now: Now) -> Vec<Effect> {
    let shown = state.room().place.room().cloned();
    let others = state.rooms.iter().filter_map(|room| room.place.room().cloned());
    let others: Vec<RoomName> = others.filter(|name| Some(name) != shown.as_ref()).collect();
    shown.into_iter().chain(others).filter_map(|name| join(state, name, now)).collect()
}

/// Joins a room from what this client has of it, unless that is asked for already.
pub(crate) fn join(state: &mut State, room: RoomName, now: Now) -> Option<Effect> {
    if state.requests.asks_to_return(&room) {
        return None;
    }
    if !state.requests.has_room() {
        state.link.refused(room, Refused::Until(now.mono + ASK_AGAIN));
        return None;
    }
    let id = state.ids.next(now.wall);
    let index = places::index_of_room(state, &room);
    let request = index.and_then(|index| state.rooms[index].join_request());
    let request = request.unwrap_or(Join { id: None, room, after: None, epoch: None });
    let Join { room, after, epoch, .. } = request.clone();
    let wants = Wants::Return(Return { room, after, epoch });
    state.requests.insert(id.clone(), Request { wants, line: String::new() }, now.mono);
    Some(Effect::Send(ClientFrame::Join(Join { id: Some(id), ..request })))
}

/// The hub does not let one back into a room.
pub(super) fn refused(state: &mut State, room: &RoomName, error: ErrorFrame, now: Now) {
    let Some(index) = places::index_of_room(state, room) else { return };
    if let Some(wait) = error.retry_after_ms {
        let until = now.mono + frames::again_after(wait).max(ASK_AGAIN);
        state.link.refused(room.clone(), Refused::Until(until));
        return;
    }
    let place = state.rooms[index].place.clone();
    match state.rooms[index].peer.clone().filter(|_| room.is_private()) {
        // A private one of which the hub knows nothing can begin anew.
        Some(peer) => places::moved(state, &place, &Place::Peer(peer)),
        None if room.is_private() && state.outbox.tail(&place).next().is_none() => {
            drop(places::close(state, index));
        }
        None => {
            state.separator.error(format!("{room}: {}", error.text));
            state.link.refused(room.clone(), Refused::ForGood(error.text));
        }
    }
}

/// Asks again for the rooms whose time has come, and fails what cannot be said in the others.
pub(super) fn settle(state: &mut State, now: Now) -> Vec<Effect> {
    let State { link, outbox, .. } = state;
    for (room, why) in link.closed() {
        outbox.fail_all(&Place::Room(room.clone()), why);
    }
    let due = state.link.take_due(now.mono);
    due.into_iter().filter_map(|room| join(state, room, now)).collect()
}
