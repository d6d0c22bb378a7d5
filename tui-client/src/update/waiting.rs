//! How long the hub is waited for: a request without an answer ends the connection, so that what
//! hangs on it is asked again on the next one, or told to the user.

use std::time::Duration;

use crate::{effect::Effect, event::Now, state::State};

/// How long the hub may take for an answer. One that pauses somebody who sends too much takes a
/// few seconds.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(30);

/// When the hub has been waited for long enough.
pub(crate) fn deadline(state: &State) -> Option<Duration> {
    if !state.link.is_live() || state.requests.is_given_up() {
        return None;
    }
    let since = state.requests.since().into_iter().chain(state.outbox.sent_since()).min();
    since.map(|since| since + ANSWER_MAX)
}

/// Hangs up on a hub that does not answer.
pub(super) fn settle(state: &mut State, now: Now) -> Option<Effect> {
    deadline(state).filter(|deadline| *deadline <= now.mono)?;
    state.requests.give_up();
    let seconds = ANSWER_MAX.as_secs();
    let why = format!("the hub has not answered for {seconds} seconds; connecting again");
    state.separator.error_until_live(why);
    Some(Effect::HangUp)
}
