//! `/announce`.

use protocol::MessageText;

use crate::{
    announcements, effect::Effect, event::Now, place::Place, state::State, update::sending,
};

/// What tells everyone.
pub(crate) const TO_ALL: &str = "--all";

/// `/announce [--all] TEXT`. Who may is for the hub to say.
pub(super) fn announce(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (place, words) = match first {
        TO_ALL => (announcements::place(), rest.trim_start()),
        _ if first.starts_with("--") => {
            return Err(format!("no {first} here; /announce --all TEXT tells everyone"));
        }
        _ => (here(state)?, text),
    };
    if words.is_empty() {
        return Err("what? /announce TEXT tells this room, /announce --all TEXT everyone".into());
    }
    let text = MessageText::parse(words).map_err(|refusal| refusal.text)?;
    sending::announce(state, &place, text, now)?;
    Ok(Vec::new())
}

fn here(state: &State) -> Result<Place, String> {
    let room = state.room();
    if room.is_private() {
        return Err("nothing is announced in private; /announce --all TEXT tells everyone".into());
    }
    Ok(room.place.clone())
}
