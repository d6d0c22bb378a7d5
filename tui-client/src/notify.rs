//! Who is not looking is told what was said to them: whether, and in what words. PURE.

use std::time::Duration;

use protocol::UserName;

use crate::{effect::Effect, event::Now, room::Room, safe_text::SafeText, state::State};

/// Where the terminal does not tell whether its window has the focus (tmux by default, the
/// console), somebody who pressed no key for so long may be looking elsewhere.
const IDLE: Duration = Duration::from_mins(1);
/// So long after a notice there is no other: the window's title counts what comes meanwhile.
const QUIET: Duration = Duration::from_secs(3);
/// Most cells of what was said.
const BODY_CELLS_MAX: usize = 200;
/// Most cells of a window's title.
const TITLE_CELLS_MAX: usize = 80;

/// What the user is told, wherever they look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who said it, and where.
    pub title: SafeText,
    /// What was said.
    pub body: SafeText,
}

/// Whether the user is looking, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attention {
    /// Whether the terminal tells about the focus.
    is_told: bool,
    quiet_until: Duration,
    /// Whether one wants not to be disturbed, if one has said so since the start.
    is_off: Option<bool>,
}

/// The terminal window got or lost the focus.
pub(crate) fn focus(state: &mut State, focused: bool) {
    state.focused = focused;
    state.attention.is_told = true;
}

/// Whether nothing is to ring or pop up. What is new is counted and shown all the same: that is
/// silent.
pub(crate) fn is_off(state: &State) -> bool {
    state.attention.is_off.unwrap_or(state.settings.preferences.do_not_disturb)
}

/// From now on notices are off, or on again, whatever the settings say.
pub(crate) fn turn_off(state: &mut State, off: bool) {
    state.attention.is_off = Some(off);
}

/// Who said something to oneself, and where, for the title of a notice.
pub(crate) fn title_of(room: &Room, from: &UserName) -> String {
    if room.is_private() { from.to_string() } else { format!("{from} in {}", room.title()) }
}

/// What is to be done about something that was said to oneself.
pub(crate) fn said_to_me(state: &mut State, title: &str, text: &str, now: Now) -> Vec<Effect> {
    if is_off(state) || is_looking(state, now) || now.mono < state.attention.quiet_until {
        return Vec::new();
    }
    state.attention.quiet_until = now.mono + QUIET;
    let (title, body) = (SafeText::line(title), SafeText::line(text).fitted(BODY_CELLS_MAX));
    vec![Effect::Notify(Notice { title, body })]
}

/// What the window is called: `(3) lobby · hubbub`, where 3 things were said to oneself and not
/// seen yet.
pub(crate) fn window_title(state: &State) -> SafeText {
    let to_me = |room: &Room| if room.is_private() { room.unread } else { room.mentions };
    let count = state.rooms.iter().map(to_me).sum::<u32>() + state.announcements.unseen;
    let title = format!("{} · hubbub", state.room().title());
    let title = if count > 0 { format!("({count}) {title}") } else { title };
    SafeText::line(&title).fitted(TITLE_CELLS_MAX)
}

fn is_looking(state: &State, now: Now) -> bool {
    if state.attention.is_told {
        return state.focused;
    }
    now.mono.saturating_sub(state.keeping.last_key) < IDLE
}
