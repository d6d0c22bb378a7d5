//! The rows of one line: title, separator, status.

use super::{
    canvas::{Canvas, clear, paint, put},
    layout::Area,
    rooms::count_of,
};
use crate::{
    keymap::Action, link::grouped, notify, room::Room, safe_text::SafeText, state::State, theme,
    theme::Paint, timeline::Scroll, update::peeking,
};

/// ` lobby · what we are building                    3 here`
pub(super) fn title(state: &State, area: Area, canvas: &mut Canvas) {
    clear(canvas, area);
    paint(canvas, area, 0, theme::title());
    let room = state.room();
    let here = SafeText::line(&here(room));
    let here_at = area.columns.saturating_sub(here.cells() as u16 + 1);
    put(canvas, area, here_at, 0, &here, theme::title());
    let name = match &room.peer {
        Some(peer) => SafeText::line(&format!("{peer} (private)")),
        None => SafeText::line(&room.title()),
    };
    let place = usize::from(here_at.saturating_sub(3));
    let name = if state.peek.is_some() { name.then(&SafeText::line(" · peeking")) } else { name };
    let name = if room.topic.is_empty() {
        name
    } else {
        name.then(&SafeText::line(&format!(" · {}", room.topic)))
    };
    put(canvas, area, 1, 0, &name.fitted(place), theme::title());
}

fn here(room: &Room) -> String {
    match room.count {
        0 => String::new(),
        count => format!("{} here", grouped(u64::from(count))),
    }
}

/// The row between scrollback and composer: in turn an answer or error, a preview, what is new
/// below, who is writing; else only a line.
pub(super) fn separator(state: &State, area: Area, canvas: &mut Canvas) {
    let line = SafeText::line(&"─".repeat(usize::from(area.columns)));
    put(canvas, area, 0, 0, &line, theme::faint());
    let below = state.room().timeline().below();
    let (words, paint): (String, Paint) = match state.separator_line() {
        Some((words, tone)) => (words.into_owned(), theme::separator(tone)),
        None if below > 0 => (news(state, below), theme::news()),
        None => match peeking::words(state).or_else(|| state.typing_line()) {
            Some(words) => (words, theme::faint()),
            None => return,
        },
    };
    let place = usize::from(area.columns).saturating_sub(4);
    let words = SafeText::line(" ").then(&SafeText::line(&words).fitted(place));
    put(canvas, area, 1, 0, &words.then(&SafeText::line(" ")), paint);
}

/// `↓ 12 new · End`
fn news(state: &State, below: u32) -> String {
    let key = state.keymap().key_of(Action::Scroll(Scroll::Newest));
    let key = key.map_or_else(String::new, |key| format!(" · {key}"));
    format!("↓ {} new{key}", grouped(u64::from(below)))
}

/// ` live · Ana · lobby · games 4 · @Bob 1      Ctrl+G go  Esc keys  /help`
pub(super) fn status(state: &State, area: Area, canvas: &mut Canvas) {
    clear(canvas, area);
    let place = usize::from(area.columns).saturating_sub(2);
    let words = SafeText::line(&status_words(state)).fitted(place);
    let end = put(canvas, area, 1, 0, &words, theme::status(&state.link));
    let hint = hints(state).into_iter().map(|hint| SafeText::line(&hint));
    let fits = |hint: &SafeText| usize::from(end) + hint.cells() + 3 <= usize::from(area.columns);
    if let Some(hint) = hint.into_iter().find(fits) {
        let column = area.columns - 1 - hint.cells() as u16;
        put(canvas, area, column, 0, &hint, theme::faint());
    }
}

/// What the status row says on its right, as far as there is place.
fn hints(state: &State) -> [String; 3] {
    let go = state.keymap().key_of(Action::GoTo).map(|key| format!("{key} go  "));
    let keys = "Esc keys  /help";
    [format!("{}{keys}", go.unwrap_or_default()), keys.into(), "/help".into()]
}

/// `lobby`, or `games 4 (peek)`, where that is still unread.
fn shown(state: &State) -> String {
    let title = state.room().title();
    match (&state.peek, count_of(state.room()).as_str()) {
        (None, _) => title,
        (Some(_), "") => format!("{title} (peek)"),
        (Some(_), count) => format!("{title} {count} (peek)"),
    }
}

fn status_words(state: &State) -> String {
    let name = state.me.as_ref().map(|me| &me.name).or(state.settings.name.as_ref());
    let mut parts = vec![state.link.words(&state.settings.time_zone)];
    parts.extend(notify::is_off(state).then(|| "dnd".into()));
    parts.extend(name.map(ToString::to_string));
    parts.push(shown(state));
    let others = state.rooms.iter().enumerate().filter(|(index, _)| *index != state.current);
    let unread = others.filter(|(_, room)| room.unread > 0);
    parts.extend(unread.map(|(_, room)| format!("{} {}", room.title(), count_of(room))));
    parts.join(" · ")
}
