//! What the client does about a frame of the hub.

use std::time::Duration;

use protocol::{
    ErrorCode, RoomEvent, RoomName, ServerFrame, UserName,
    server::{Ack, ErrorFrame, Gap, Joined, Left, Members, Page, Presence, Renamed, Rooms},
};

use crate::{
    composer::Draft,
    effect::Effect,
    event::Now,
    link::Refused,
    notify,
    panel::{Body, Choice, Panel},
    place::Place,
    prompt::Ask,
    request::{Request, Wants},
    room::Arrived,
    state::State,
    update::{announcing, answers, changing, link, noticing, places, returning, telling},
};

/// The soonest at which something is asked again that the hub could not do, whatever it says.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// The longest that the hub may have something wait.
const ASKED_MAX: Duration = Duration::from_mins(10);

/// Takes in a frame.
pub(super) fn take(state: &mut State, frame: ServerFrame, now: Now) -> Vec<Effect> {
    match frame {
        ServerFrame::Welcome(welcome) => return link::welcomed(state, welcome, now),
        ServerFrame::Joined(joined) => return self::joined(state, &joined, now),
        ServerFrame::Event(event) => return self::event(state, event, now),
        ServerFrame::Ack(ack) => return self::ack(state, &ack, now),
        ServerFrame::Page(page) => self::page(state, &page),
        ServerFrame::Rooms(rooms) => self::rooms(state, rooms),
        ServerFrame::Members(members) => self::members(state, &members),
        ServerFrame::Presence(presence) => {
            noticing::renamed(state, &presence);
            own_role(state, &presence);
            if let Some(index) = places::index_of_room(state, &presence.room) {
                state.rooms[index].on_presence(&presence, state.me.as_ref(), now.wall);
            }
        }
        ServerFrame::Gap(gap) => self::gap(state, &gap),
        ServerFrame::Left(left) => return self::left(state, &left, now),
        ServerFrame::Renamed(renamed) => return self::renamed(state, renamed),
        ServerFrame::Error(error) => return self::error(state, error, now),
        ServerFrame::Bye(bye) => return link::bye(state, &bye, now),
        ServerFrame::Read(marker) => telling::read_elsewhere(state, &marker),
        ServerFrame::Typing(notice) => telling::others_type(state, &notice, now),
        // They come with later issues; a hub that knows more does no harm.
        ServerFrame::Results(_) | ServerFrame::Pong(_) => {}
    }
    Vec::new()
}

fn joined(state: &mut State, joined: &Joined, now: Now) -> Vec<Effect> {
    let request = state.requests.take(joined.id.as_ref());
    let wants = request.map(|request| request.wants);
    if joined.room != RoomName::announcements() {
        return joined_room(state, joined, wants.as_ref());
    }
    let is_answer = wants.as_ref().and_then(Wants::as_return).is_some();
    let asked = announcing::joined(state, joined, is_answer, now);
    // Everyone is attached to it, and it is no room of one's own unless one says so.
    let is_open = places::index_of_room(state, &joined.room).is_some();
    let is_wanted = is_open || matches!(wants, Some(Wants::Enter { .. }));
    let shown = if is_wanted { joined_room(state, joined, wants.as_ref()) } else { Vec::new() };
    asked.into_iter().chain(shown).collect()
}

fn joined_room(state: &mut State, joined: &Joined, wants: Option<&Wants>) -> Vec<Effect> {
    let place = Place::Room(joined.room.clone());
    if let Some(peer) = &joined.peer {
        returning::begun(state, peer, &place);
    }
    let known = places::index_of(state, &place);
    if known.is_none() && wants.is_none() && joined.peer.is_none() {
        return Vec::new();
    }
    let is_ignored = |peer: &UserName| state.noticing.ignoring.has_named(peer);
    let is_unwanted = wants.is_none() && joined.peer.as_ref().is_some_and(is_ignored);
    if known.is_none() && (is_unwanted || !places::may_open_for(state, &place)) {
        return Vec::new();
    }
    let index = known.unwrap_or_else(|| places::open(state, place));
    let after = wants.and_then(Wants::as_return).and_then(|to| to.cursor_in(&joined.epoch));
    state.link.joined(&joined.room, after, joined.head);
    if !state.rooms[index].is_of(&joined.epoch) {
        let place = state.rooms[index].place.clone();
        state.outbox.forget_stored(&place);
        if state.rooms[index].is_known() {
            changing::forget(state, &place);
        }
    }
    state.rooms[index].on_joined(joined, state.me.as_ref());
    seen_to_the_end(state, index);
    if matches!(wants, Some(Wants::Enter { .. })) {
        return places::show(state, index);
    }
    Vec::new()
}

fn event(state: &mut State, event: RoomEvent, now: Now) -> Vec<Effect> {
    let mut effects: Vec<Effect> = noticing::heard(state, &event).into_iter().collect();
    if event.room == RoomName::announcements() {
        effects.extend(announcing::heard(state, &event, now));
    }
    let Some(index) = places::index_of_room(state, &event.room) else { return effects };
    let is_old = state.link.progress(&event.room, event.seq);
    let is_mine = state.me.as_ref().is_some_and(|me| me.identity == event.by);
    if is_mine {
        state.outbox.seen(&event.id);
    }
    let place = state.rooms[index].place.clone();
    state.outbox.seen_up_to(&place, event.seq);
    let text = event.text.clone();
    let (from, kind) = (event.from.clone(), event.kind);
    let arrived = state.rooms[index].on_event(event, state.me.as_ref(), is_old);
    let Some(text) = text.filter(|_| arrived == Arrived::Mention) else { return effects };
    if index != state.current {
        answers::preview(state, index, (&from, &text), kind);
    }
    if !is_old {
        let title = notify::title_of(&state.rooms[index], &from);
        effects.extend(notify::said_to_me(state, &title, text.as_str(), now));
    }
    effects
}

fn ack(state: &mut State, ack: &Ack, now: Now) -> Vec<Effect> {
    if state.requests.take(Some(&ack.id)).is_some() {
        return Vec::new();
    }
    let place = Place::Room(ack.room.clone());
    let mut effects = Vec::new();
    let from = state.outbox.get(&ack.id).map(|message| message.place.clone());
    if let Some(from) = from.filter(|from| *from != place) {
        places::moved(state, &from, &place);
        effects.extend(returning::found(state, &from, &ack.room, now));
    }
    state.outbox.stored(&ack.id, &place, ack.seq);
    match places::index_of(state, &place) {
        Some(index) => seen_to_the_end(state, index),
        // Its event comes, if it has not yet.
        None if ack.room == RoomName::announcements() => {
            let last = state.announcements.last();
            state.outbox.seen_up_to(&place, last);
        }
        // The room is not followed, so its event will not come.
        None => state.outbox.seen(&ack.id),
    }
    effects
}

fn page(state: &mut State, page: &Page) {
    let request = state.requests.take(page.id.as_ref());
    let me = state.me.as_ref().map(|me| me.identity.clone());
    for event in page.events.iter().filter(|event| Some(&event.by) == me.as_ref()) {
        state.outbox.seen(&event.id);
    }
    // A page that nobody asked for says nothing about what is missing.
    let Some(Wants::Page { room, want }) = request.map(|request| request.wants) else { return };
    match places::index_of_room(state, &room) {
        Some(index) if room == page.room => state.rooms[index].on_page(page, want),
        Some(index) => state.rooms[index].on_page_refused(None),
        None => {}
    }
}

fn rooms(state: &mut State, rooms: Rooms) {
    let request = state.requests.take(rooms.id.as_ref());
    if request.is_some_and(|request| request.wants == Wants::Rooms) {
        let lines = answers::room_lines(state, &rooms);
        let panel = Panel::new("Rooms (/join ROOM goes into one)", Body::Lines(lines));
        state.panel = Some(panel.with_choices(answers::room_choices(&rooms)));
    }
    telling::listed(state, &rooms.rooms);
    state.know_rooms(rooms.rooms);
}

fn members(state: &mut State, members: &Members) {
    let request = state.requests.take(members.id.as_ref());
    let wants = request.map(|request| request.wants);
    if let Some(Wants::Whois { name }) = &wants {
        answers::whois(state, name, members);
    } else if wants == Some(Wants::Who) {
        let (title, lines) = answers::who(state, members);
        let people = members.members.iter().map(|person| Choice::Person(person.name.clone()));
        let panel = Panel::new(title, Body::Lines(lines)).with_choices(people.collect());
        state.panel = Some(panel);
    }
    let index = members.room.as_ref().and_then(|room| places::index_of_room(state, room));
    if let Some(index) = index {
        state.rooms[index].on_members(members);
    }
}

fn gap(state: &mut State, gap: &Gap) {
    state.link.progress(&gap.room, gap.to);
    if gap.room == RoomName::announcements() {
        state.announcements.lose(gap.to);
    }
    if let Some(index) = places::index_of_room(state, &gap.room) {
        state.rooms[index].on_gap(gap);
        seen_to_the_end(state, index);
    }
}

/// What is stored up to the last seq that is known of is in the log: as an event, in a gap that
/// fills itself, or kept by the hub no longer.
fn seen_to_the_end(state: &mut State, index: usize) {
    let room = &state.rooms[index];
    state.outbox.seen_up_to(&room.place, room.timeline().last());
}

/// One follows the room no more: by one's own wish, or the hub's.
fn left(state: &mut State, left: &Left, now: Now) -> Vec<Effect> {
    state.link.forget(&left.room);
    let Some(index) = places::index_of_room(state, &left.room) else { return Vec::new() };
    let said = format!("you are no longer in {}", left.room);
    state.separator.answer(said.clone());
    let place = state.rooms[index].place.clone();
    if state.outbox.tail(&place).any(|message| message.is_unsent() || message.is_failed()) {
        state.rooms[index].on_disconnected(now.wall);
        state.link.refused(left.room.clone(), Refused::ForGood(said));
        return Vec::new();
    }
    let mut effects = places::close(state, index);
    state.separator.answer(said);
    if let Some(lobby) = state.room().place.room().cloned()
        && !state.link.reaches(&state.room().place)
    {
        effects.extend(returning::join(state, lobby, now));
    }
    effects
}

/// One may do more now, or less.
fn own_role(state: &mut State, presence: &Presence) {
    let Some(me) = &mut state.me else { return };
    if let Some(told) = presence.joined.iter().find(|member| member.name == me.name) {
        me.role = told.role;
    }
}

fn renamed(state: &mut State, renamed: Renamed) -> Vec<Effect> {
    state.requests.take(renamed.id.as_ref());
    let name = renamed.to;
    state.separator.answer(format!("you are {name} now"));
    if let Some(me) = &mut state.me {
        me.name = name.clone();
    }
    vec![Effect::AlsoKnownAs { name }]
}

fn error(state: &mut State, error: ErrorFrame, now: Now) -> Vec<Effect> {
    if !state.link.is_live() {
        return hello_refused(state, error, now);
    }
    if let Some(id) = error.id.as_ref().filter(|id| state.outbox.get(id).is_some()).cloned() {
        message_refused(state, &id, error, now);
        return Vec::new();
    }
    if telling::refused(state, &error) {
        return Vec::new();
    }
    match state.requests.take(error.id.as_ref()) {
        Some(request) => request_refused(state, &request, error, now),
        None => state.separator.error(error.text),
    }
    Vec::new()
}

/// The hub did not take `hello`: the user is asked what it needs.
fn hello_refused(state: &mut State, error: ErrorFrame, now: Now) -> Vec<Effect> {
    if error.code == ErrorCode::NameTaken {
        if let Some(taken) = state.introduced.clone().or(state.settings.name.clone()) {
            link::ask_name(state, taken, error.suggest);
        }
        return Vec::new();
    }
    if error.code == ErrorCode::PasswordRequired {
        if state.prompt.as_ref().is_some_and(|prompt| prompt.ask == Ask::Password) {
            state.separator.error_until_live(error.text);
        }
        link::ask(state, Ask::Password, Draft::default());
        return Vec::new();
    }
    if error.retry_after_ms.is_some() {
        // The connection comes back by itself, and not before that.
        state.separator.error_until_live(error.text);
        return Vec::new();
    }
    link::stopped(state, error.text, now);
    vec![Effect::Disconnect]
}

/// How long to wait where the hub asks for so many milliseconds, within reason.
pub(super) fn again_after(wait: u64) -> Duration {
    Duration::from_millis(wait).clamp(AGAIN_AFTER, ASKED_MAX)
}

fn message_refused(state: &mut State, id: &protocol::RequestId, error: ErrorFrame, now: Now) {
    if let Some(wait) = error.retry_after_ms {
        state.outbox.postpone(id, now.mono + again_after(wait));
        return;
    }
    let Some(place) = state.outbox.get(id).map(|message| message.place.clone()) else { return };
    if error.code == ErrorCode::NoSuchMessage {
        state.outbox.forget_reply(id);
    }
    if state.outbox.get(id).is_some_and(|message| message.announces) {
        return announcing::refused(state, id, &place, &error.text);
    }
    let is_visible = places::index_of(state, &place).is_some();
    if !is_visible && !state.composer.draft.is_empty() {
        places::open(state, place);
        state.separator.error(error.text.clone());
        state.outbox.refused(id, &error.text);
    } else if is_visible {
        state.outbox.refused(id, &error.text);
    } else if let Some(message) = state.outbox.give_up(id) {
        // Sent with /msg and nothing of it can be seen: the line itself comes back.
        let name = message.place.to_string();
        let line = format!("/msg {} {}", name.trim_start_matches('@'), message.text);
        put_back(state, &line, error.text);
    }
}

fn request_refused(state: &mut State, request: &Request, error: ErrorFrame, now: Now) {
    match &request.wants {
        Wants::Page { room, .. } => {
            if let Some(index) = places::index_of_room(state, room) {
                let again_at = error.retry_after_ms.map(|wait| now.mono + again_after(wait));
                state.rooms[index].on_page_refused(again_at);
            }
        }
        Wants::Return(to) => returning::refused(state, &to.room, error, now),
        Wants::Edit { .. } | Wants::Delete => {
            let why = changing::why_not(&request.wants, error);
            changing::refused(state, &request.wants, &request.line, why);
        }
        Wants::Enter { .. }
        | Wants::Name
        | Wants::Topic
        | Wants::Rooms
        | Wants::Who
        | Wants::Whois { .. } => put_back(state, &request.line, error.text),
    }
}

/// Says why not, and puts the typed line back; where something else is being written, Up has it.
pub(super) fn put_back(state: &mut State, line: &str, why: String) {
    if state.has_screen && state.composer.draft.is_empty() {
        state.composer.draft.set(line);
    } else {
        state.composer.history.push(line);
    }
    state.separator.error(why);
}
