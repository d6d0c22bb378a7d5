//! What one wants to notice, brought to all rooms.

use std::sync::Arc;

use protocol::UserName;

use crate::{mentions::Mentions, noticing::Noticing, state::State};

/// One may be called otherwise by now, or have other keywords.
pub(super) fn settle(state: &mut State) {
    let name = state.me.as_ref().map(|me| &me.name).or(state.settings.name.as_ref());
    let keywords = state.settings.preferences.keywords.iter().map(String::as_str);
    let mentions = Mentions::of(name.into_iter().map(UserName::as_str).chain(keywords));
    if mentions != state.noticing.mentions {
        notice(state, |noticing| noticing.mentions = mentions);
    }
}

/// From now on one wants to notice something else.
fn notice(state: &mut State, change: impl FnOnce(&mut Noticing)) {
    change(Arc::make_mut(&mut state.noticing));
    for room in &mut state.rooms {
        room.notice(&state.noticing);
    }
}
