//! Going from room to room, and opening and closing them.

use protocol::{Addressee, ClientFrame, RoomName, UserName, client::Leave};

use crate::{
    effect::Effect, place::Place, room::Room, state::State, timeline::Came, update::peeking,
};

/// Most rooms that are open, private ones among them. There may be more requests than that, so
/// that all are joined at once after a loss.
pub(crate) const OPEN_MAX: usize = 200;

/// Where this place is among the rooms.
pub(crate) fn index_of(state: &State, place: &Place) -> Option<usize> {
    state.rooms.iter().position(|room| room.place == *place)
}

/// Where this room is among the rooms.
pub(crate) fn index_of_room(state: &State, name: &RoomName) -> Option<usize> {
    state.rooms.iter().position(|room| room.place.room() == Some(name))
}

/// The private conversation with this person, if it is open.
pub(crate) fn private<'a>(state: &'a State, name: &UserName) -> Option<&'a Place> {
    let key = name.key();
    let with = |room: &&Room| room.peer.as_ref().is_some_and(|peer| peer.key() == key);
    state.rooms.iter().find(with).map(|room| &room.place)
}

/// The topic of the room that is shown.
pub(crate) fn topic(state: &State) -> Option<String> {
    let topic = &state.room().topic;
    (!topic.is_empty()).then(|| topic.clone())
}

/// Shows a room; its draft comes with it.
pub(crate) fn show(state: &mut State, index: usize) -> Vec<Effect> {
    if index >= state.rooms.len() {
        return Vec::new();
    }
    if index == state.current {
        peeking::open(state);
        return Vec::new();
    }
    peeking::end(state);
    let from = state.room().place.clone();
    state.rooms[state.current].rest();
    state.current = index;
    let to = state.room().place.clone();
    state.composer.switch(from, &to);
    state.separator.clear_said();
    state.separator.opened(&to);
    Vec::new()
}

/// The next room, or the one before, going round.
pub(super) fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let count = state.rooms.len();
    let index = state.current.wrapping_add_signed(by).wrapping_add(count) % count;
    state.alt_a_origin = None;
    show(state, index)
}

/// The room of this index, from 0.
pub(super) fn nth(state: &mut State, index: usize) -> Vec<Effect> {
    state.alt_a_origin = None;
    if index >= state.rooms.len() {
        state.separator.answer(format!("there is no room {}", index + 1));
    }
    show(state, index)
}

/// Whether one more room may be open: more than the hub lets one be in are of no use.
pub(crate) fn may_open(state: &State) -> bool {
    state.rooms.len() < OPEN_MAX
}

/// Whether this one may: what waits for it has to be seen, and to go.
pub(super) fn may_open_for(state: &State, place: &Place) -> bool {
    may_open(state) || state.outbox.tail(place).next().is_some()
}

/// Adds a room at the end of the list.
pub(crate) fn open(state: &mut State, place: Place) -> usize {
    let mut room = Room::new(place);
    room.notice(&state.noticing, state.me.as_ref().map(|me| &me.identity));
    state.announcements.kept().for_each(|event| room.announce(event, Came::Before));
    state.rooms.push(room);
    state.rooms.len() - 1
}

/// Shows the private conversation with this person, begun or not.
pub(crate) fn open_private(state: &mut State, name: &UserName) -> Vec<Effect> {
    let open_already = private(state, name).cloned();
    let index = match open_already.and_then(|place| index_of(state, &place)) {
        Some(index) => index,
        None => open(state, Place::Peer(name.clone())),
    };
    show(state, index)
}

/// Closes a room. The last one makes way for the lobby. What the user wrote for it and was not
/// sent stays, for when the room is open again.
pub(crate) fn close(state: &mut State, index: usize) -> Vec<Effect> {
    if state.rooms.len() == 1 {
        open(state, RoomName::lobby().into());
    }
    if index == state.current {
        peeking::leave(state);
    }
    if index == state.current {
        let other = if index + 1 < state.rooms.len() { index + 1 } else { index - 1 };
        show(state, other);
    }
    let closed = state.rooms.remove(index);
    if state.current > index {
        state.current -= 1;
    }
    state.outbox.forget_stored(&closed.place);
    state.separator.opened(&closed.place);
    if let Place::Room(room) = &closed.place {
        state.link.forget(room);
    }
    Vec::new()
}

/// Leaves a place, with what is being written in it.
pub(crate) fn leave(state: &mut State, place: &Place) -> Vec<Effect> {
    let Some(index) = index_of(state, place) else { return Vec::new() };
    state.composer.about.remove(place);
    state.composer.kept.remove(place);
    let mut effects = close(state, index);
    state.composer.kept.remove(place);
    if let Some(room) = place.room().cloned().filter(|_| state.link.is_live()) {
        effects.push(Effect::Send(ClientFrame::Leave(Leave { id: None, room })));
    }
    effects
}

/// Who is written to in `place`, which is shown at `index`: the person, once one knows who that
/// is, and until then whoever has the name. Nobody, in a room.
pub(super) fn addressee(state: &State, index: Option<usize>, place: &Place) -> Option<Addressee> {
    let Place::Peer(name) = place else { return None };
    let person = index.zip(state.me.as_ref()).and_then(|(index, me)| {
        state.rooms[index].peer_identity(&me.identity).cloned().map(Addressee::Identity)
    });
    Some(person.unwrap_or_else(|| Addressee::Name(name.clone())))
}

/// A private conversation got its room, or lost it: draft and messages go there.
pub(super) fn moved(state: &mut State, from: &Place, to: &Place) {
    let index = index_of(state, from);
    let peer = addressee(state, index, to);
    state.outbox.moved(from, to, peer.as_ref());
    match (index, index_of(state, to)) {
        (Some(index), None) => state.rooms[index].place = to.clone(),
        (Some(index), Some(there)) => {
            if index == state.current {
                show(state, there);
            }
            close(state, index);
        }
        (None, _) => {}
    }
    peeking::moved(state, from, to);
    let shown = state.room().place.clone();
    state.composer.moved(from, to, &shown);
}

/// Shows the next room with something unread, mentions and private ones first; after the last
/// one the room in which this began.
pub(super) fn next_unread(state: &mut State) -> Vec<Effect> {
    // The room that one peeks into is one of those with something unread.
    peeking::leave(state);
    if let Some(index) = find_unread(state) {
        let here = state.room().place.clone();
        state.alt_a_origin.get_or_insert(here);
        return show(state, index);
    }
    let origin = state.alt_a_origin.take().and_then(|place| index_of(state, &place));
    if let Some(index) = origin.filter(|index| *index != state.current) {
        return show(state, index);
    }
    state.separator.answer("nothing unread");
    Vec::new()
}

/// The next room with something unread, mentions and private ones first.
pub(super) fn find_unread(state: &State) -> Option<usize> {
    let urgent = |room: &Room| room.mentions > 0 || (room.is_private() && room.unread > 0);
    find_other(state, urgent).or_else(|| find_other(state, |room| room.unread > 0))
}

/// The first room behind the one shown, going round, of which this is true.
fn find_other(state: &State, is_wanted: impl Fn(&Room) -> bool) -> Option<usize> {
    let count = state.rooms.len();
    (1..count)
        .map(|step| (state.current + step) % count)
        .find(|index| is_wanted(&state.rooms[*index]))
}
