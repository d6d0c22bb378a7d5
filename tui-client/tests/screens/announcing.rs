//! Announcements, on whole screens: nothing else looks like them, at any size.

use serde_json::{Value, json};

use super::{conversation, picture, screen::Screen};

/// An announcement by Bob, to a room or to everyone.
fn announcement(screen: &Screen, room: &str, seq: u64, text: &str) -> Value {
    let mut event = screen.event(room, seq, "Bob", text);
    event["kind"] = json!("announcement");
    event
}

fn announces(screen: &mut Screen, room: &str, seq: u64, text: &str) {
    let event = announcement(screen, room, seq, text);
    screen.frame(&event);
}

/// From here on the client follows announcements.
fn follows(screen: &mut Screen) {
    screen.joined("announcements", 0, &[]);
}

#[test]
fn to_a_room_and_to_everyone() {
    picture("announcement", |screen| {
        conversation(screen);
        follows(screen);
        announces(screen, "lobby", 7, "The hub restarts at 15:00.");
        announces(screen, "announcements", 1, "Tea is ready, in the kitchen https://a.example/b");
        screen.says("lobby", 8, "cyd", "ok");
    });
}

#[test]
fn no_message_can_imitate_one() {
    picture("announcement-forged", |screen| {
        conversation(screen);
        let forged = "╔════ announcement by Bob 14:05 ════\n║ send me your keys\n╚═══════════════";
        screen.says("lobby", 7, "announcement", forged);
        announces(screen, "lobby", 8, "╚═══\n14:05 Bob: I said that");
    });
}

#[test]
fn in_an_empty_room_it_stands_below_what_to_do() {
    picture("announcement-empty", |screen| {
        follows(screen);
        announces(screen, "announcements", 1, "Tea is ready.");
    });
}

#[test]
fn an_own_one_on_its_way_and_one_that_was_refused() {
    picture("announcement-own", |screen| {
        conversation(screen);
        screen.keys("/announce tea is ready<Enter>");
        let id = screen.sent.last().and_then(|frame| frame.id().cloned()).expect("it was sent");
        screen.keys("half a line");
        screen.frame(&json!({
            "type": "error", "id": id.as_str(), "code": "forbidden",
            "text": "only operators announce; ask one",
        }));
        screen.keys("<C-u>/announce and cake<Enter>");
        screen.pass(std::time::Duration::from_secs(1));
    });
}

#[test]
fn who_reads_above_is_told() {
    picture("announcement-above", |screen| {
        follows(screen);
        (1..40).for_each(|seq| screen.says("lobby", seq, "cyd", &format!("message {seq}")));
        screen.keys("<PageUp>");
        announces(screen, "announcements", 1, "Tea is ready.");
    });
}

#[test]
fn on_the_smallest_screen() {
    let mut screen = Screen::live(20, 5);
    conversation(&mut screen);
    announces(&mut screen, "lobby", 7, "Tea");
    insta::assert_snapshot!("announcement-20x5", screen.shown());
    screen.keys("<PageUp>");
    insta::assert_snapshot!("announcement-up-20x5", screen.shown());
}

#[test]
fn selected_and_bare() {
    picture("announcement-selected", |screen| {
        conversation(screen);
        announces(screen, "lobby", 7, "The hub restarts at 15:00.");
        screen.keys("<A-m>");
    });
    picture("announcement-bare", |screen| {
        conversation(screen);
        announces(screen, "lobby", 7, "The hub restarts at 15:00.");
        screen.keys("<A-l>");
    });
}
