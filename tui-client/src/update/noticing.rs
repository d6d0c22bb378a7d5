//! What one wants to notice, brought to all rooms; whom one ignores, and who that is.

use std::sync::Arc;

use protocol::{NameKey, RoomEvent, UserName, server::Presence};

use crate::{
    effect::Effect, ignoring::Ignored, mentions::Mentions, noticing::Noticing, room::Room,
    state::State, view::layout,
};

/// One may be called otherwise by now, or have other keywords.
pub(super) fn settle(state: &mut State) {
    let name = state.me.as_ref().map(|me| &me.name).or(state.settings.name.as_ref());
    let keywords = state.settings.preferences.keywords.iter().map(String::as_str);
    let mentions = Mentions::of(name.into_iter().map(UserName::as_str).chain(keywords));
    if mentions != state.noticing.mentions {
        notice(state, |noticing| noticing.mentions = mentions);
    }
}

/// Whom one ignores, as it is on disk.
pub(super) fn ignoring(state: &mut State, people: Vec<Ignored>) {
    notice(state, |noticing| noticing.ignoring.set(people));
}

/// From now on this person is ignored.
pub(crate) fn ignore(state: &mut State, whom: Ignored) -> Effect {
    let mut ignoring = state.noticing.ignoring.clone();
    ignoring.add(whom.clone());
    let view = layout::viewport(state);
    state.rooms[state.current].read_beside(&ignoring, &view);
    notice(state, |noticing| noticing.ignoring = ignoring);
    state.separator.forget_preview(&whom.name);
    Effect::KeepIgnored { whom, is_ignored: true }
}

/// And from now on this one is not.
pub(crate) fn unignore(state: &mut State, whom: Ignored) -> Effect {
    notice(state, |noticing| noticing.ignoring.remove(&whom));
    Effect::KeepIgnored { whom, is_ignored: false }
}

/// Somebody says something: of whom only the name was known, the hub tells now who that is.
pub(super) fn heard(state: &mut State, event: &RoomEvent) -> Option<Effect> {
    if !state.noticing.ignoring.learns_from(event) {
        return None;
    }
    if state.me.as_ref().is_some_and(|me| me.identity == event.by) {
        notice(state, |noticing| noticing.ignoring.give_up_name(&event.from));
        return None;
    }
    let mut known = None;
    notice(state, |noticing| known = noticing.ignoring.learn(event));
    known.map(|whom| Effect::KeepIgnored { whom, is_ignored: true })
}

/// People are called otherwise now, some of whom one may ignore.
pub(super) fn renamed(state: &mut State, presence: &Presence) {
    let ignoring = &state.noticing.ignoring;
    if presence.renamed.iter().all(|rename| !ignoring.has_named(&rename.from)) {
        return;
    }
    notice(state, |noticing| {
        for rename in &presence.renamed {
            noticing.ignoring.rename(&rename.from, &rename.to);
        }
    });
}

/// Who is called so, to be ignored; or in one sentence why not.
pub(crate) fn whom(state: &State, name: &UserName) -> Result<Ignored, String> {
    let key = name.key();
    let spoke = last_words(state, name);
    let is_me = state.me.as_ref().is_some_and(|me| {
        me.name.key() == key || spoke.is_some_and(|event| me.identity == event.by)
    });
    if is_me {
        return Err("that is you; choose somebody else".into());
    }
    let here = called(state, &key);
    let still = spoke.filter(|event| here.is_none() || is_called_so_still(state, event));
    match (still, here) {
        (Some(event), _) => Ok(Ignored::new(Some(event.by.clone()), event.from.clone())),
        (None, Some(here)) => Ok(Ignored::new(None, here.clone())),
        (None, None) => Err(format!("nobody here is called {name}; /who lists who is here")),
    }
}

/// Whom of those one ignores is called so, now or when they spoke.
pub(crate) fn whom_not(state: &State, name: &UserName) -> Option<Ignored> {
    let ignoring = &state.noticing.ignoring;
    let by_words = || last_words(state, name).and_then(|event| ignoring.of(&event.by));
    ignoring.named(name).or_else(by_words).cloned()
}

/// The last thing in any room that somebody said under this name.
fn last_words<'a>(state: &'a State, name: &UserName) -> Option<&'a RoomEvent> {
    let wanted = name.as_str().to_lowercase();
    newest(state, |event| event.from.as_str().to_lowercase() == wanted)
}

/// Whether whoever said this has said nothing under another name since.
fn is_called_so_still(state: &State, event: &RoomEvent) -> bool {
    newest(state, |other| other.by == event.by).is_none_or(|last| last.from == event.from)
}

fn newest(state: &State, is_it: impl Fn(&RoomEvent) -> bool) -> Option<&RoomEvent> {
    let in_room = |room: &'_ Room| room.timeline().newest_where(&is_it);
    let found = state.rooms.iter().filter_map(|room| room.timeline().event(in_room(room)?));
    found.max_by_key(|event| event.at)
}

/// The name as its owner writes it, if somebody here has it.
fn called<'a>(state: &'a State, key: &NameKey) -> Option<&'a UserName> {
    let peers = state.rooms.iter().filter_map(|room| room.peer.as_ref());
    let members = state.rooms.iter().flat_map(Room::members).map(|member| &member.name);
    members.chain(peers).find(|name| name.key() == *key)
}

/// From now on one wants to notice something else.
fn notice(state: &mut State, change: impl FnOnce(&mut Noticing)) {
    change(Arc::make_mut(&mut state.noticing));
    let me = state.me.as_ref().map(|me| &me.identity);
    for room in &mut state.rooms {
        room.notice(&state.noticing, me);
    }
}
