//! What the client does about news of the connection.

use protocol::{
    ClientFrame, Identity, UserName,
    client::Away,
    server::{Bye, ByeReason, Welcome},
};

use crate::{
    composer::Draft,
    effect::Effect,
    event::{LinkEvent, Now},
    link::Phase,
    prompt::{Ask, Prompt},
    state::{Me, State},
    update::{changing, frames, keeping, noticing, returning, telling},
};

/// What a hub is called that has no title of its own: its address says more.
const UNTITLED: &str = "hubbub";

/// Takes in news of the connection.
pub(super) fn heard(state: &mut State, event: LinkEvent, now: Now) -> Vec<Effect> {
    match event {
        LinkEvent::Connecting => connecting(state, now),
        LinkEvent::Opened { hub } => state.hub = Some(hub),
        LinkEvent::Claimed { identity } => return claimed(state, identity, now),
        LinkEvent::Ignoring { people } => noticing::ignoring(state, people),
        LinkEvent::Introduced { name } => introduced(state, name),
        LinkEvent::NeedsName { tried, suggest } => ask_name(state, tried, Some(suggest)),
        LinkEvent::ConfirmHub { known_as, loses_tls, name } => {
            ask(state, Ask::ConfirmHub { known_as, loses_tls, name }, Draft::default());
        }
        LinkEvent::Frame(frame) => return frames::take(state, *frame, now),
        LinkEvent::Lost { .. } => lost(state, now),
        LinkEvent::Trouble { why } => state.separator.error_until_live(why),
        LinkEvent::Stopped { why } => stopped(state, why, now),
    }
    Vec::new()
}

/// The hub knows who one is: back into the rooms, each from where it was.
pub(super) fn welcomed(state: &mut State, welcome: Welcome, now: Now) -> Vec<Effect> {
    let Welcome { name, identity, role, server, hub, epoch, rooms, .. } = welcome;
    let asked_for = state.introduced.take();
    state.prompt = None;
    state.separator.live();
    state.link.phase = Phase::Live;
    state.hub = Some(hub);
    state.epoch = Some(epoch);
    let mut effects = Vec::new();
    if asked_for.as_ref().is_some_and(|asked_for| *asked_for != name) {
        state.separator.answer(format!("you are {name} on this hub; /name takes another name"));
        effects.push(Effect::AlsoKnownAs { name: name.clone() });
    }
    state.me = Some(Me { name, identity, role });
    if server.name != UNTITLED {
        state.settings.hub = server.name;
    }
    state.telling.start();
    telling::listed(state, &rooms);
    state.know_rooms(rooms);
    returning::open_private_rooms(state);
    effects.extend(returning::join_rooms(state, now));
    if let Some(text) = state.away.clone() {
        effects.push(Effect::Send(ClientFrame::Away(Away { id: None, text: Some(text) })));
    }
    effects
}

/// The hub says goodbye: it also says when to come back, if at all.
pub(super) fn bye(state: &mut State, bye: &Bye, now: Now) -> Vec<Effect> {
    let why = match bye.reason {
        ByeReason::Kicked => "you were kicked",
        ByeReason::Banned => "you were banned",
        ByeReason::Idle => {
            lost(state, now);
            state.link.phase = Phase::Idle;
            return vec![Effect::Disconnect];
        }
        ByeReason::Restart | ByeReason::Shutdown => {
            // The connection heard it too, and comes back by itself.
            return Vec::new();
        }
    };
    stopped(state, why.into(), now);
    vec![Effect::Disconnect]
}

/// A key was pressed: who was idle comes back.
pub(super) fn woken(state: &mut State, now: Now) -> Option<Effect> {
    if state.link.phase != Phase::Idle {
        return None;
    }
    state.link.phase = Phase::Offline { since: now.wall };
    Some(Effect::Reconnect)
}

/// Asks for another name, unless that is asked already.
pub(super) fn ask_name(state: &mut State, taken: UserName, suggest: Option<UserName>) {
    let draft = suggest.map(|name| Draft::of(name.as_str())).unwrap_or_default();
    ask(state, Ask::Name { taken }, draft);
}

/// Asks something, unless it is asked already: then what was typed stays.
pub(super) fn ask(state: &mut State, ask: Ask, draft: Draft) {
    if state.prompt.as_ref().is_none_or(|prompt| prompt.ask != ask) {
        state.prompt = Some(Prompt { ask, draft });
    }
}

/// No attempt until the user acts.
pub(super) fn stopped(state: &mut State, why: String, now: Now) {
    lost(state, now);
    state.link.phase = Phase::Stopped { why };
}

/// What is not on disk yet is still that of whom one was.
fn claimed(state: &mut State, owner: Identity, now: Now) -> Vec<Effect> {
    state.keeping.is_urgent = true;
    let last = keeping::keep(state, now);
    last.into_iter().chain([Effect::Become { owner }]).collect()
}

fn connecting(state: &mut State, now: Now) {
    if matches!(state.link.phase, Phase::Stopped { .. } | Phase::Idle) {
        state.link.phase = Phase::Offline { since: now.wall };
    }
}

fn introduced(state: &mut State, name: UserName) {
    if state.me.is_none() {
        state.settings.name = Some(name.clone());
    }
    state.introduced = Some(name);
}

fn lost(state: &mut State, now: Now) {
    state.link.lost(now.wall);
    state.outbox.connection_lost();
    for room in &mut state.rooms {
        room.on_disconnected(now.wall);
    }
    let requests = state.requests.take_all();
    for request in requests.iter().filter(|request| !request.line.is_empty()) {
        let why = "the connection is gone; try that again".into();
        changing::refused(state, &request.wants, &request.line, why);
    }
}
