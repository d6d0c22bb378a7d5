//! Looking into a room without having read it.

use proptest::prelude::*;
use protocol::RoomName;

use super::*;

/// How much of the second room is unread, how much of it to oneself, and where its line stands.
fn unread(user: &User) -> (u32, u32, Option<u64>) {
    let room = &user.state.rooms[1];
    (room.unread, room.mentions, room.timeline().unread().map(|line| line.after.get()))
}

/// Three messages are unread in `games`, one of them to Ana.
fn with_unread() -> User {
    let mut user = User::in_two_rooms();
    for (seq, text) in [(1, "one"), (2, "Ana?"), (3, "three")] {
        user.bob_says("games", seq, text);
    }
    user.told.clear();
    user
}

#[test]
fn a_look_changes_nothing_and_tells_nobody() {
    let mut user = with_unread();
    user.types("/peek games<ret>");
    assert_eq!((user.shown().as_str(), unread(&user)), ("games", (3, 1, Some(0))));
    user.types("<home><end><pgup><pgdn>");
    user.waits(60_000);
    user.bob_says("games", 4, "four");
    assert_eq!(unread(&user), (4, 1, Some(0)), "what comes is unread too");
    user.types("<esc>");
    user.waits(60_000);
    assert_eq!((user.shown().as_str(), unread(&user)), ("lobby", (4, 1, Some(0))));
    assert_eq!(user.told, [""; 0]);
    user.types("<c-n>");
    assert_eq!((unread(&user), user.told), ((0, 0, Some(0)), vec!["read games 4".to_owned()]));
}

#[test]
fn who_writes_there_has_read_it() {
    let mut user = with_unread();
    user.types("<a-p>yes");
    assert_eq!(unread(&user), (3, 1, Some(0)));
    user.types("<ret>");
    assert_eq!(unread(&user), (0, 0, None));
    assert!(user.told.contains(&"read games 3".to_owned()), "{:?}", user.told);
    user.types("<esc>");
    assert_eq!(user.shown(), "games", "it is no look any more");
}

#[test]
fn one_key_leads_there_and_back_and_the_draft_of_each_room_stays() {
    let mut user = with_unread();
    user.types("a draft<a-p>");
    assert_eq!((user.shown().as_str(), user.draft()), ("games", ""));
    user.types("another<a-p>");
    assert_eq!((user.shown().as_str(), user.draft()), ("lobby", "a draft"));
    user.types("<c-u>/peek<ret>");
    assert_eq!((user.shown().as_str(), user.draft()), ("games", "another"));
    user.types("<c-u>/peek<ret>");
    assert_eq!((user.shown().as_str(), unread(&user)), ("lobby", (3, 1, Some(0))));
    user.types("<a-a><a-p>");
    assert_eq!(user.separator(), "nothing unread to peek into");
}

#[test]
fn esc_takes_what_lies_over_it_first() {
    let mut user = with_unread();
    user.types("<a-p><a-m>r");
    assert!(user.separator().starts_with("→ Bob"), "{}", user.separator());
    user.types("<a-w><esc><esc>");
    assert_eq!((user.shown().as_str(), user.separator()), ("games", String::new()));
    user.types("<esc>");
    assert_eq!(user.shown(), "lobby");
    assert_eq!(user.state.prefix, None);
}

#[test]
fn going_on_from_it_opens_rooms_as_ever() {
    for keys in ["<a-a>", "/join games<ret>", "<a-2>"] {
        let mut user = with_unread();
        user.types("<a-p>");
        user.types(keys);
        assert_eq!((user.shown().as_str(), unread(&user)), ("games", (0, 0, Some(0))), "{keys}");
    }
    let mut user = with_unread();
    user.types("<a-p><c-p>");
    assert_eq!((user.shown().as_str(), unread(&user)), ("lobby", (3, 1, Some(0))));
}

#[test]
fn who_leaves_the_room_meanwhile_is_where_they_came_from() {
    let mut user = with_unread();
    user.types("/join music<ret>");
    user.joined("music", 0);
    user.types("<a-1><a-p>/leave<ret>");
    assert_eq!(
        (user.shown(), user.titles()),
        ("lobby".into(), vec!["lobby".into(), "music".into()])
    );
}

#[test]
fn a_reconnect_while_one_looks_changes_nothing_either() {
    let mut user = with_unread();
    user.types("<a-p>");
    user.lost();
    user.connects();
    user.joined("lobby", 0);
    user.joined("games", 4);
    user.bob_says("games", 4, "four");
    user.waits(60_000);
    assert_eq!((user.shown().as_str(), unread(&user)), ("games", (4, 1, Some(0))));
    user.types("<esc>");
    user.waits(60_000);
    assert_eq!((user.shown().as_str(), unread(&user)), ("lobby", (4, 1, Some(0))));
    assert_eq!(user.told, [""; 0]);
}

#[test]
fn the_next_time_one_is_where_one_came_from() {
    let mut user = with_unread();
    user.waits(2_000);
    let effects = user.types("<a-p>");
    let effects = [effects, user.waits(60_000), user.event_is(Event::Ending)].concat();
    let current = effects.iter().rev().find_map(|effect| match effect {
        Effect::RememberRooms { current, .. } => Some(current.clone()),
        _ => None,
    });
    assert!(current.is_none_or(|room| room == Some(RoomName::lobby())));
}

#[test]
fn a_room_that_one_cannot_look_into_is_told_of() {
    let mut user = with_unread();
    user.types("/peek lobby<ret>");
    assert_eq!(user.separator(), "lobby is on the screen already");
    user.types("<c-u>/peek nowhere<ret>");
    let why = "you are not in nowhere; /join nowhere goes in, and others see it";
    assert_eq!(user.separator(), why);
    user.joined_in_private(0);
    user.event(PRIVATE, 1, "Bob", BOB, "b1", "just us");
    user.types("<c-u>/peek @bob<ret>");
    assert_eq!((user.shown().as_str(), user.state.rooms[2].unread), ("@Bob", 1));
}

/// What may happen while one looks into `games`.
#[derive(Clone, Debug)]
enum Happens {
    Says(bool),
    Key(&'static str),
    Resize(u16, u16),
    Focus(bool),
    ReadElsewhere(u64),
    Reconnect,
    Wait,
}

fn happens() -> impl Strategy<Value = Happens> {
    let keys = vec!["<pgup>", "<pgdn>", "<home>", "<end>", "<a-w>", "<c-g>", "<a-m>", "<up>", "x"];
    prop_oneof![
        4 => any::<bool>().prop_map(Happens::Says),
        4 => prop::sample::select(keys).prop_map(Happens::Key),
        1 => (20u16..100, 5u16..30).prop_map(|(columns, rows)| Happens::Resize(columns, rows)),
        1 => any::<bool>().prop_map(Happens::Focus),
        1 => (1u64..30).prop_map(Happens::ReadElsewhere),
        1 => Just(Happens::Reconnect),
        1 => Just(Happens::Wait),
    ]
}

fn happen(user: &mut User, what: &Happens, is_peeking: bool) {
    let next = user.state.rooms[1].timeline().last().next().get();
    match what {
        Happens::Says(to_me) => {
            user.bob_says("games", next, if *to_me { "Ana!" } else { "hello" });
        }
        Happens::Key(keys) if is_peeking => drop(user.types(keys)),
        Happens::Key(_) => {}
        Happens::Resize(columns, rows) => {
            user.event_is(Event::Resize(Size { columns: *columns, rows: *rows }));
        }
        Happens::Focus(focused) => drop(user.event_is(Event::Focus(*focused))),
        Happens::ReadElsewhere(seq) => {
            let seq = (*seq).min(next - 1);
            user.hears(&format!(r#"{{"type":"read","room":"games","seq":{seq}}}"#));
        }
        Happens::Reconnect => {
            user.lost();
            user.connects();
            user.joined("lobby", 0);
            user.joined("games", next - 1);
        }
        Happens::Wait => drop(user.waits(5_000)),
    }
}

proptest! {
    #[test]
    fn after_a_look_everything_unread_is_as_if_one_had_not_looked(
        before in prop::collection::vec(any::<bool>(), 1..30),
        what in prop::collection::vec(happens(), 0..30),
    ) {
        let mut users = [User::in_two_rooms(), User::in_two_rooms()];
        for user in &mut users {
            for (seq, to_me) in (1..).zip(&before) {
                user.bob_says("games", seq, if *to_me { "Ana!" } else { "hello" });
            }
            user.told.clear();
        }
        users[0].types("<a-p>");
        for what in &what {
            happen(&mut users[0], what, true);
            happen(&mut users[1], what, false);
        }
        // Whatever lies over it.
        while users[0].state.peek.is_some() {
            users[0].types("<esc>");
        }
        let [peeked, did_not] = users;
        prop_assert_eq!(peeked.shown(), "lobby");
        prop_assert_eq!(unread(&peeked), unread(&did_not));
        // After a loss the hub is told again what it may not have heard of another device.
        let read = |user: &User| -> Vec<String> {
            user.told.iter().filter(|told| told.starts_with("read games")).cloned().collect()
        };
        prop_assert_eq!(read(&peeked), read(&did_not));
    }
}
