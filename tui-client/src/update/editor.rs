//! Writing on in the user's own editor.

use crate::{
    composer::paste, effect::Effect, place::Place, state::State, update::editing, update::places,
};

/// Hands the draft over. It goes to the disk at once: nobody knows what the editor does.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    if editing::has_layer(state) {
        return Vec::new();
    }
    state.composer.end_search(true);
    state.keeping.is_urgent = true;
    state.in_editor = Some(state.room().place.clone());
    vec![Effect::Edit(format!("{}\n", state.composer.draft.text()))]
}

/// The editor ended. What it left is the draft of the room in which that was begun, and is not
/// sent by itself.
pub(super) fn returned(state: &mut State, outcome: Result<String, String>) {
    let place = state.in_editor.take();
    match outcome {
        Ok(text) => write(state, place, &paste::clean(&text)),
        Err(why) => state.separator.error(why),
    }
}

fn write(state: &mut State, place: Option<Place>, text: &str) {
    let shown = state.room().place.clone();
    let place = place.map_or_else(|| shown.clone(), |place| place_now(state, place));
    state.composer.exchange(&place, text.strip_suffix('\n').unwrap_or(text), &shown);
    if place == shown {
        editing::edited(state);
    }
}

/// A private conversation may have got its room meanwhile.
fn place_now(state: &State, place: Place) -> Place {
    let moved = match &place {
        Place::Peer(name) => places::private(state, name).cloned(),
        Place::Room(_) => None,
    };
    moved.unwrap_or(place)
}
