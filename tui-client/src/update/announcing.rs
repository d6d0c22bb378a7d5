//! What is announced to everyone: shown in every room that one is in, told once.

use protocol::{ClientFrame, RequestId, RoomEvent, RoomName, client::Join, server::Joined};

use crate::{
    announcements::{self, Heard},
    effect::Effect,
    event::Now,
    notify,
    place::Place,
    request::{Request, Return, Wants},
    state::State,
    timeline::Came,
};

/// The hub tells how far the announcements go, which everyone follows. What came while one was
/// not connected is asked for.
pub(super) fn joined(
    state: &mut State,
    joined: &Joined,
    is_answer: bool,
    now: Now,
) -> Option<Effect> {
    let was_here = !state.settings.rooms.is_empty();
    if state.announcements.on_joined(joined, was_here) {
        state.rooms.iter_mut().for_each(crate::room::Room::forget_announced);
    }
    let (last, room) = (state.announcements.last(), joined.room.clone());
    state.link.joined(&room, Some(last), joined.head);
    let is_asked = is_answer || state.requests.asks_to_return(&room);
    if is_asked || last >= joined.head || !state.requests.has_room() {
        return None;
    }
    let id = state.ids.next(now.wall);
    let (after, epoch) = (Some(last), Some(joined.epoch.clone()));
    let wants = Wants::Return(Return { room: room.clone(), after, epoch: epoch.clone() });
    state.requests.insert(id.clone(), Request { wants, line: String::new() }, now.mono);
    Some(Effect::Send(ClientFrame::Join(Join { id: Some(id), room, after, epoch })))
}

/// Whether this is announced to everyone, or changes what was, and was not heard before.
pub(crate) fn is_news(state: &State, event: &RoomEvent) -> bool {
    event.room == RoomName::announcements()
        && !comes_again(state, event)
        && state.announcements.is_news(event)
}

/// Something was announced to everyone, or changed.
pub(super) fn heard(state: &mut State, event: &RoomEvent, now: Now) -> Vec<Effect> {
    if comes_again(state, event) {
        return Vec::new();
    }
    let is_news = state.announcements.is_news(event);
    let is_old = state.link.progress(&event.room, event.seq);
    let is_mine = state.me.as_ref().is_some_and(|me| me.identity == event.by);
    if is_mine {
        state.outbox.seen(&event.id);
    }
    state.outbox.seen_up_to(&announcements::place(), event.seq);
    match state.announcements.on_event(event) {
        Heard::Nothing => return Vec::new(),
        Heard::Changed(event) => {
            state.rooms.iter_mut().for_each(|room| room.announced_otherwise(&event));
            return Vec::new();
        }
        Heard::New(event, oldest) => {
            let came = if is_news { Came::Now } else { Came::Before };
            for room in &mut state.rooms {
                room.announce(&event, came);
                if let Some(oldest) = oldest {
                    room.forget_one_announced(oldest);
                }
            }
        }
    }
    if is_news && !is_mine { tell(state, event, is_old, now) } else { Vec::new() }
}

/// The hub did not take an announcement: what was typed is back in the draft, to be mended or
/// thrown away; where that is something else by now it has failed as any message can.
pub(super) fn refused(state: &mut State, id: &RequestId, place: &Place, why: &str) {
    let is_to_all = *place == announcements::place();
    let is_free = state.has_screen && state.composer.draft.is_empty();
    let is_here = is_to_all || *place == state.room().place;
    let message = if is_free && is_here { state.outbox.give_up(id) } else { None };
    match message {
        Some(message) => state.composer.draft.set(&message.line()),
        None => state.outbox.refused(id, why),
    }
    if state.has_screen {
        state.separator.error(why);
    }
}

/// What has come is seen as soon as one looks, in whatever room.
pub(super) fn settle(state: &mut State) {
    if state.looked_at.is_some() {
        state.announcements.see_all();
    }
    let is_previewed = state.separator.preview_place() == Some(&announcements::place());
    if is_previewed && is_in_view(state) {
        state.separator.opened(&announcements::place());
    }
}

/// What came before something that is missing will come once more, behind that.
fn comes_again(state: &State, event: &RoomEvent) -> bool {
    event.seq > state.announcements.last().next() && state.requests.asks_to_return(&event.room)
}

/// Tells the user, wherever they look. A row in view needs no word beside it.
fn tell(state: &mut State, event: &RoomEvent, is_old: bool, now: Now) -> Vec<Effect> {
    let Some(text) = &event.text else { return Vec::new() };
    state.announcements.unseen += 1;
    if !is_in_view(state) {
        let line = format!("announcement to all by {}: {text}", event.from);
        state.separator.preview(announcements::place(), line);
    }
    if is_old {
        return Vec::new();
    }
    let title = format!("{} to everyone", event.from);
    notify::said_to_me(state, &title, text.as_str(), now)
}

/// Whether one sees the newest row of the room that is shown.
fn is_in_view(state: &State) -> bool {
    let is_covered = state.panel.is_some() || state.bare.is_some();
    !is_covered && state.room().timeline().is_at_newest()
}
