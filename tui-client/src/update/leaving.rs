//! The way out: what is said before, and the last line.

use crate::state::State;

/// What would be broken by quitting now, if anything.
pub(crate) fn warning(state: &State) -> Option<String> {
    match state.settings.hosting.as_ref().map_or(0, |_| state.others()) {
        0 => None,
        1 => Some("1 other is here, and this hub ends with you".to_owned()),
        others => Some(format!("{others} others are here, and this hub ends with you")),
    }
}

/// What is printed when the terminal is as before: `Kept 214 messages in DIR. Again: hubbub host`.
pub(crate) fn farewell(state: &State) -> Option<String> {
    let lines = [kept(state), unsent(state), failed(state), unchanged(state)];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// `1 message`, `3 messages`.
pub(crate) fn counted(count: usize) -> String {
    if count == 1 { "1 message".into() } else { format!("{count} messages") }
}

fn kept(state: &State) -> Option<String> {
    let hosting = state.settings.hosting.as_ref()?;
    let again = &hosting.again;
    Some(match &hosting.data {
        None => format!("Nothing was kept. Again: {again}"),
        Some(data) => {
            let count = state.kept();
            let messages = if count == 1 { "message" } else { "messages" };
            format!("Kept {count} {messages} in {data}. Again: {again}")
        }
    })
}

fn unsent(state: &State) -> Option<String> {
    match state.outbox.unsent() {
        0 => None,
        1 => Some("1 message not sent yet; it goes out next time".into()),
        count => Some(format!("{count} messages not sent yet; they go out next time")),
    }
}

/// What the hub has not answered when the end comes is written with the drafts.
fn unchanged(state: &State) -> Option<String> {
    match state.requests.edits().len() {
        0 => None,
        1 => Some("1 edit was not answered; its words are a draft next time".into()),
        count => Some(format!("{count} edits were not answered; their words are drafts next time")),
    }
}

fn failed(state: &State) -> Option<String> {
    match state.outbox.failed() {
        0 => None,
        1 => Some("1 message was refused; it is kept for /retry or /discard".into()),
        count => {
            Some(format!("{count} messages were refused; they are kept for /retry or /discard"))
        }
    }
}
