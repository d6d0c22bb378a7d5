//! What the client does about what happens: `update(state, event, now) -> effects`. PURE.

use std::time::Duration;

use crate::{
    effect::Effect,
    event::{Event, Now},
    notify,
    state::State,
    timeline::Scroll,
};

pub(crate) mod answers;
pub(crate) mod changing;
mod completing;
mod editing;
mod editor;
mod frames;
mod going;
mod keeping;
mod keys;
pub(crate) mod leaving;
mod line;
mod link;
pub(crate) mod places;
mod prompting;
pub(crate) mod remembering;
pub(crate) mod returning;
pub(crate) mod selecting;
pub(crate) mod sending;
pub(crate) mod telling;
pub(crate) mod waiting;

/// How long a hint about the mouse stays.
const HINT_STAYS: Duration = Duration::from_secs(5);

/// Changes the state for what happened, and says what is to be done.
pub fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    if matches!(event, Event::Key(_) | Event::Paste(_)) {
        state.keeping.last_key = now.mono;
    }
    let is_awake = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Line(_));
    let mut effects: Vec<Effect> =
        if is_awake { link::woken(state, now).into_iter().collect() } else { Vec::new() };
    effects.extend(take(state, event, now));
    settle(state, now, &mut effects);
    effects
}

fn take(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    match event {
        Event::Key(key) => return keys::press(state, key, now),
        Event::Link(event) => return link::heard(state, event, now),
        Event::Kept => return keeping::kept(state),
        Event::Continued => return vec![Effect::Repaint],
        Event::Line(text) => return line::take(state, &text, now),
        Event::Edited(outcome) => editor::returned(state, outcome),
        Event::Paste(text) => keys::paste(state, &text, now),
        Event::Resize(size) => going::resize(state, size),
        Event::Wheel(rows) => going::scroll(state, Scroll::Rows(rows.into())),
        Event::Drag => hint(state, "Shift+drag selects", now),
        Event::Focus(focused) => notify::focus(state, focused),
        Event::NotKept { why } => keeping::not_kept(state, &why, now),
        Event::Restored(restored) => keeping::restored(state, restored),
        Event::Ending => state.keeping.is_urgent = true,
        Event::Tick => {}
    }
    Vec::new()
}

fn hint(state: &mut State, text: &str, now: Now) {
    state.separator.hint_until(text, now.mono + HINT_STAYS);
}

/// What follows from any change: times that have come, messages that can go, a page that is
/// missing on the screen, and what has been read.
fn settle(state: &mut State, now: Now, effects: &mut Vec<Effect>) {
    state.separator.tick(now.mono);
    state.outbox.tick(now.mono);
    state.quit_until.take_if(|until| *until <= now.mono);
    effects.extend(returning::settle(state, now));
    effects.extend(remembering::remember(state, now));
    effects.extend(keeping::keep(state, now));
    state.keeping.is_urgent = false;
    effects.extend(sending::send_next(state, now));
    selecting::settle(state);
    going::look(state, now);
    going::observe(state, now);
    state.rooms[state.current].tick(now.mono);
    effects.extend(sending::ask_for_page(state, now));
    effects.extend(telling::settle(state, now));
    effects.extend(waiting::settle(state, now));
}

#[cfg(test)]
mod tests;
