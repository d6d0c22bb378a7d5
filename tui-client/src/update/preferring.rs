//! What the client does when the settings file was read again.

use crate::{config::Reread, state::State};

/// Takes over what counts at once, and says so. What can't be read may be half written: then
/// everything stays.
pub(super) fn read_again(state: &mut State, reread: Reread) {
    let reading = match reread.outcome {
        Ok(reading) => reading,
        Err(why) => {
            complain(state, format!("{why}; the settings stay as they were"));
            return;
        }
    };
    let complaint = reading.complaint(&reread.file);
    if let Some(complaint) = complaint.as_ref().filter(|_| !reading.is_toml) {
        complain(state, format!("settings stay as they were; {complaint}"));
        return;
    }
    state.settings.preferences = reading.config.preferences;
    let waits = "settings read again; name, host, port and rooms count from the next start";
    match complaint {
        Some(complaint) => complain(state, complaint),
        None if reread.waits => state.separator.answer(waits),
        None => state.separator.answer("settings read again"),
    }
}

/// Says what is wrong with the settings. Line by line it is said as an answer: an error there is of
/// a line that was not carried out, and makes the whole fail.
pub(crate) fn complain(state: &mut State, complaint: String) {
    if state.has_screen {
        state.separator.error(complaint);
    } else {
        state.separator.answer(complaint);
    }
}
