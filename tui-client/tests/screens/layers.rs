//! What lies over the screen for a while: the keys after Esc, which link is meant, the bare view.

use super::{Screen, conversation, picture};

#[test]
fn the_bare_view_while_something_comes() {
    picture("bare", |screen| {
        conversation(screen);
        screen.says(
            "lobby",
            7,
            "Bob",
            "it is all in https://a.example/a/long/path?that=goes-on-and-on",
        );
        screen.keys("draft<A-l>");
        screen.says("lobby", 8, "Bob", "meanwhile");
    });
}

#[test]
fn which_of_several_links_is_to_be_opened() {
    picture("select-links", |screen| {
        conversation(screen);
        screen.says("lobby", 7, "Bob", "https://a.example/path or https://b.example");
        screen.keys("<A-m>o");
    });
}

#[test]
fn keys_after_esc() {
    picture("esc", |screen| {
        conversation(screen);
        screen.keys("draft<Esc>");
    });
    let mut screen = Screen::live(20, 5);
    conversation(&mut screen);
    screen.keys("draft<Esc>");
    insta::assert_snapshot!("esc-20x5", screen.shown());
}

#[test]
fn keys_after_ctrl_x() {
    picture("ctrl-x", |screen| {
        conversation(screen);
        screen.keys("draft<C-x>");
    });
}
