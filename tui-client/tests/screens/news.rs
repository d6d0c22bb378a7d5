//! What is new: below the screen, elsewhere, after an outage; and what is older.

use std::time::Duration;

use tui_client::event::{Event, LinkEvent};

use super::{conversation, picture};

#[test]
fn scrolled_up_with_news_below() {
    picture("scrolled", |screen| {
        screen.joined("lobby", 0, &["Ana", "Bob", "cyd"]);
        for seq in 1..=40 {
            screen.says(
                "lobby",
                seq,
                if seq % 4 < 2 { "Bob" } else { "cyd" },
                &format!("line {seq}"),
            );
        }
        screen.keys("<PageUp>");
        for seq in 41..=52 {
            screen.says("lobby", seq, "Bob", "news");
        }
    });
}

#[test]
fn what_came_while_one_looked_elsewhere_is_below_the_unread_line() {
    picture("unread", |screen| {
        conversation(screen);
        screen.tell(Event::Focus(false));
        screen.says("lobby", 7, "Bob", "are you there?");
        screen.says("lobby", 8, "Bob", "well, later then");
        screen.tell(Event::Focus(true));
    });
}

#[test]
fn what_came_during_an_outage_is_new_and_where_it_begins_is_pinned() {
    picture("away", |screen| {
        conversation(screen);
        screen.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) });
        screen.pass(Duration::from_mins(7));
        screen.welcome();
        screen.joined("lobby", 40, &["Ana", "Bob", "cyd"]);
        for seq in 7..=40 {
            screen.says("lobby", seq, ["Bob", "cyd"][seq as usize / 5 % 2], &format!("line {seq}"));
        }
    });
}

#[test]
fn the_line_above_what_is_new_is_where_home_goes() {
    picture("away-home", |screen| {
        conversation(screen);
        screen.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) });
        screen.pass(Duration::from_mins(7));
        screen.welcome();
        screen.joined("lobby", 40, &["Ana", "Bob", "cyd"]);
        for seq in 7..=40 {
            screen.says("lobby", seq, ["Bob", "cyd"][seq as usize / 5 % 2], &format!("line {seq}"));
        }
        screen.keys("<Home>");
    });
}
