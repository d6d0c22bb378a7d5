//! A whole line that was typed where there is no screen.

use crate::{
    composer::{Draft, paste},
    effect::Effect,
    event::Now,
    state::State,
    update::{keys, prompting},
};

/// Takes a line as if it had been written in the composer, then Enter pressed. What is being
/// written there, from when there was a screen, stays.
pub(super) fn take(state: &mut State, line: &str, now: Now) -> Vec<Effect> {
    let line = paste::clean(line);
    if let Some(prompt) = &mut state.prompt {
        // An empty line takes what is suggested.
        if !line.trim().is_empty() {
            prompt.draft = Draft::of(line);
        }
        return prompting::answer(state, now);
    }
    state.composer.end_search(false);
    let place = state.room().place.clone();
    let about = state.composer.about.remove(&place);
    let before = std::mem::replace(&mut state.composer.draft, Draft::of(line));
    // Nobody can be asked whether a long line is to be several messages.
    state.composer.may_split = true;
    let effects = keys::enter(state, now);
    let shown = state.room().place.clone();
    state.composer.restore(&place, before, &shown);
    state.composer.about.extend(about.map(|about| (place, about)));
    effects
}
