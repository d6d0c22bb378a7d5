//! What the hub, and through it others and one's own other devices, are told of what one does: how
//! far one has read, and that one is writing. A hub that does not know such frames is left alone.

use std::time::Duration;

use protocol::{
    ClientFrame, ErrorCode, RequestId, RoomName, UserName,
    client::{Read, Typing},
    server::{ErrorFrame, ReadMarker, RoomSummary, TypingNotice},
};

use crate::{
    composer::About, effect::Effect, event::Now, state::State, timeline::ACTION, update::places,
};

/// How often the hub is told how far one has read, at most.
const READ_EVERY: Duration = Duration::from_secs(2);
/// How often it is told that one is writing.
const TYPING_EVERY: Duration = Duration::from_secs(3);
/// In rooms with more people nobody is told: the hub would not pass it on.
const TYPING_PEOPLE_MAX: u32 = 100;
/// Nothing waits for an answer to these, so all of a kind have the same id.
const READ_ID: &str = "read";
const TYPING_ID: &str = "typing";

/// What has been told, and may be again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telling {
    /// Before that nothing is told of reading, and of writing.
    read_again_at: Duration,
    typing_again_at: Duration,
    /// Whether the draft was edited since this was looked at.
    pub(crate) has_typed: bool,
    /// Whether this hub does not know the one frame, and the other.
    is_read_unknown: bool,
    is_typing_unknown: bool,
}

impl Telling {
    /// Another connection: the hub may be another version.
    pub(crate) fn start(&mut self) {
        (self.is_read_unknown, self.is_typing_unknown) = (false, false);
    }
}

/// What is to be told now.
pub(super) fn settle(state: &mut State, now: Now) -> Vec<Effect> {
    let when = state.settings.preferences.read_when;
    state.rooms[state.current].read(when);
    let effects = [tell_read(state, now), tell_announced(state), tell_typing(state, now)];
    effects.into_iter().flatten().map(Effect::Send).collect()
}

/// When something is to be told that has to wait.
pub(crate) fn deadline(state: &State) -> Option<Duration> {
    let waits = is_read_told(state) && state.rooms.iter().any(|room| room.read_to_tell().is_some());
    waits.then_some(state.telling.read_again_at)
}

/// Whether an error is about one of these, and so nobody's business.
pub(super) fn refused(state: &mut State, error: &ErrorFrame) -> bool {
    let is_unknown = error.code == ErrorCode::UnknownType;
    match error.id.as_ref().map(RequestId::as_str) {
        Some(READ_ID) => state.telling.is_read_unknown |= is_unknown,
        Some(TYPING_ID) => state.telling.is_typing_unknown |= is_unknown,
        Some(_) | None => return false,
    }
    true
}

/// One has read so far on another device.
pub(super) fn read_elsewhere(state: &mut State, marker: &ReadMarker) {
    if marker.room == RoomName::announcements() {
        state.announcements.on_read(marker.seq);
    }
    let me = state.me.as_ref().map(|me| me.identity.clone());
    if let Some(index) = places::index_of_room(state, &marker.room) {
        state.rooms[index].on_read(marker.seq, me.as_ref());
    }
}

/// So far one has read in these rooms of this life of the hub.
pub(super) fn listed(state: &mut State, rooms: &[RoomSummary]) {
    let me = state.me.as_ref().map(|me| me.identity.clone());
    for summary in rooms {
        let index = places::index_of_room(state, &summary.room);
        let is_current = |index: &usize| {
            state.epoch.as_ref().is_some_and(|epoch| state.rooms[*index].is_of(epoch))
        };
        if let Some((index, read)) = index.filter(is_current).zip(summary.read) {
            state.rooms[index].on_read(read, me.as_ref());
        }
    }
}

/// Somebody is writing.
pub(super) fn others_type(state: &mut State, notice: &TypingNotice, now: Now) {
    let index = places::index_of_room(state, &notice.room);
    if let Some(index) = index.filter(|_| state.settings.preferences.typing) {
        let ignoring = &state.noticing.ignoring;
        let names = notice.names.iter().filter(|name| !ignoring.has_named(name));
        let names: Vec<UserName> = names.cloned().collect();
        state.rooms[index].on_typing(&names, now.mono);
    }
}

fn is_read_told(state: &State) -> bool {
    state.link.is_live() && !state.telling.is_read_unknown
}

fn tell_read(state: &mut State, now: Now) -> Option<ClientFrame> {
    if !is_read_told(state) || now.mono < state.telling.read_again_at {
        return None;
    }
    let count = state.rooms.len();
    let mut indices = (0..count).map(|step| (state.current + step) % count);
    let (index, (room, seq)) =
        indices.find_map(|index| Some((index, state.rooms[index].read_to_tell()?)))?;
    state.rooms[index].read_told(seq);
    state.telling.read_again_at = now.mono + READ_EVERY;
    Some(ClientFrame::Read(Read { id: RequestId::parse(READ_ID).ok(), room, seq }))
}

/// Announcements are few, and told only once: the hub knows of each at once.
fn tell_announced(state: &mut State) -> Option<ClientFrame> {
    let seq = state.announcements.read_to_tell().filter(|_| is_read_told(state))?;
    state.announcements.read_told(seq);
    let (id, room) = (RequestId::parse(READ_ID).ok(), RoomName::announcements());
    Some(ClientFrame::Read(Read { id, room, seq }))
}

fn tell_typing(state: &mut State, now: Now) -> Option<ClientFrame> {
    let has_typed = std::mem::take(&mut state.telling.has_typed);
    let may = state.settings.preferences.typing && !state.telling.is_typing_unknown;
    let is_time = now.mono >= state.telling.typing_again_at;
    if !(has_typed && may && is_time && state.link.is_live() && is_writing(state)) {
        return None;
    }
    let room = state.room().place.room().cloned()?;
    state.telling.typing_again_at = now.mono + TYPING_EVERY;
    Some(ClientFrame::Typing(Typing { id: RequestId::parse(TYPING_ID).ok(), room }))
}

/// Whether a message is being written to the room that is shown.
fn is_writing(state: &State) -> bool {
    let room = state.room();
    let text = state.composer.draft.text();
    let is_command = text.starts_with('/') && !text.starts_with("//") && !text.starts_with(ACTION);
    let is_edit = matches!(state.composer.about(&room.place), Some(About::Edit { .. }));
    let is_small = room.count <= TYPING_PEOPLE_MAX;
    room.joined && is_small && !text.is_empty() && !is_command && !is_edit
}
