//! Words for what the hub answered, and for previews.

use protocol::{
    EventKind, MessageText, UserName,
    server::{Member, Members, Role, RoomSummary, Rooms},
};

use crate::{
    keymap::{Action, ToRoom},
    link::clock,
    panel::Choice,
    state::State,
    update::places,
};

/// `Bob  operator  away: at lunch`
pub(crate) fn person_line(state: &State, person: &Member) -> String {
    let mut line = person.name.to_string();
    if state.noticing.ignoring.has_named(&person.name) {
        line.push_str("  ignored");
    }
    if person.role == Role::Operator {
        line.push_str("  operator");
    }
    if let Some(away) = &person.away {
        line.push_str("  away: ");
        line.push_str(away.as_str());
    }
    line
}

/// The people of a room, as the hub told them.
pub(super) fn who(state: &State, members: &Members) -> (String, Vec<String>) {
    let of = members.room.as_ref().and_then(|room| places::index_of_room(state, room));
    let room = of.map_or_else(|| state.room(), |index| &state.rooms[index]).title();
    let mut lines: Vec<String> =
        members.members.iter().map(|person| person_line(state, person)).collect();
    let count = lines.len();
    if members.more {
        lines.push("and more".into());
    }
    let more = if members.more { "+" } else { "" };
    (format!("{count}{more} in {room}"), lines)
}

/// What is known of one person, on the separator.
pub(super) fn whois(state: &mut State, name: &UserName, members: &Members) {
    let Some(person) = members.members.first() else {
        state.separator.error(format!("nobody here is called {name}"));
        return;
    };
    let line = match person.last_seen {
        None => format!("{}  here", person_line(state, person)),
        Some(at) => {
            let zone = &state.settings.time_zone;
            format!("{}  not here; last seen {}", person_line(state, person), moment(at, zone))
        }
    };
    state.separator.answer(line);
}

/// The rooms of the hub, for a panel.
pub(super) fn room_lines(state: &State, rooms: &Rooms) -> Vec<String> {
    let mut lines: Vec<String> = rooms.rooms.iter().map(|room| room_line(state, room)).collect();
    if rooms.more {
        lines.push("and more; /join ROOM goes into any of them".into());
    }
    lines
}

/// Where these lines lead.
pub(super) fn room_choices(rooms: &Rooms) -> Vec<Choice> {
    let choice = |room: &RoomSummary| match &room.peer {
        Some(peer) => Choice::Person(peer.clone()),
        None => Choice::Room(room.room.clone()),
    };
    rooms.rooms.iter().map(choice).collect()
}

fn room_line(state: &State, summary: &RoomSummary) -> String {
    let name = match &summary.peer {
        Some(peer) => format!("{peer} (private)"),
        None => summary.room.to_string(),
    };
    let is_in = state.rooms.iter().any(|room| room.place.room() == Some(&summary.room));
    let mark = if is_in { "*" } else { " " };
    let members = summary.members;
    let topic =
        if summary.topic.is_empty() { String::new() } else { format!("  {}", summary.topic) };
    format!("{mark} {name:<20} {members:>5} here{topic}")
}

/// Shows on the separator what was said elsewhere to this user.
pub(super) fn preview(
    state: &mut State,
    index: usize,
    (from, text): (&UserName, &MessageText),
    kind: EventKind,
) {
    let room = &state.rooms[index];
    let place = room.place.clone();
    let origin = if room.is_private() { "private".into() } else { room.title() };
    let first_line = text.as_str().lines().next().unwrap_or_default();
    let key = state.keymap().key_of(Action::Room(ToRoom::Unread));
    let key = key.map_or_else(String::new, |key| format!(" · {key}"));
    let by = if kind == EventKind::Announcement { "announcement by " } else { "" };
    let line = format!("{by}{from} ({origin}): {first_line}{key}");
    state.separator.preview(place, line);
}

/// `Fri 21 Nov 14:05`, where the user is.
fn moment(at: protocol::Timestamp, zone: &jiff::tz::TimeZone) -> String {
    let day = jiff::Timestamp::from_millisecond(at.0)
        .map(|time| time.to_zoned(zone.clone()).strftime("%a %-d %b ").to_string());
    format!("{}{}", day.unwrap_or_default(), clock(at, zone))
}
