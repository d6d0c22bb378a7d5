//! The table `[keys]`: a key, and what it does.

use super::table::SETTINGS;
use crate::keymap::{self, Action, Chord};

/// What takes a key away.
const NONE: &str = "none";
/// What the table takes, for the sentence about what it does not.
pub(super) const TAKES: &str = "lines under [keys] like \"Ctrl+T\" = \"next-room\"";

/// Reads one line of the table; or says in a sentence what is wrong with it.
pub(super) fn binding(key: &str, action: Option<&str>) -> Result<(Chord, Option<Action>), String> {
    if SETTINGS.iter().any(|setting| setting.name == key) {
        return Err("this is a setting, not a key; it goes above the line [keys]".into());
    }
    let chord = Chord::parse(key)?;
    match action {
        Some(NONE) => Ok((chord, None)),
        Some(name) => Ok((chord, Some(keymap::action_named(name)?))),
        None => Err("takes the name of an action in quotes, like \"next-room\"".into()),
    }
}
