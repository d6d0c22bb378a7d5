//! What Tab offers, above the draft.

use super::{Screen, conversation, picture};

#[test]
fn tab_offers_commands_with_their_help() {
    picture("menu-commands", |screen| {
        conversation(screen);
        screen.keys("/<Tab><Tab>");
    });
}

#[test]
fn tab_offers_names_by_who_spoke_last() {
    picture("menu-names", |screen| {
        conversation(screen);
        screen.keys("b<Tab>");
    });
}

#[test]
fn tab_offers_rooms_with_what_they_are_about() {
    picture("menu-rooms", |screen| {
        conversation(screen);
        screen.keys("/join games<Enter>");
        screen.joined("games", 0, &["Ana", "Bob"]);
        screen.keys("/join <Tab>");
    });
}

#[test]
fn there_is_no_menu_without_room_for_it_or_without_a_choice() {
    let mut screen = Screen::live(20, 5);
    conversation(&mut screen);
    screen.keys("/<Tab>");
    insta::assert_snapshot!("menu-none-20x5", screen.shown());
    let mut screen = Screen::live(80, 24);
    conversation(&mut screen);
    let before = screen.cells();
    screen.keys("/joi<Tab>");
    let changed = before.iter().zip(screen.cells()).filter(|(before, now)| *before != now).count();
    assert_eq!(changed, "/join".len(), "nothing but the draft");
}

#[test]
fn a_menu_moves_nothing_and_goes_when_one_types_on() {
    let mut screen = Screen::live(80, 24);
    conversation(&mut screen);
    screen.keys("/name x");
    let without = screen.shown();
    screen.keys("<C-u>/<Tab>");
    let (above, below) = (without.lines().take(15), 15..21);
    assert!(screen.shown().lines().zip(above).all(|(now, before)| now == before));
    assert!(below.clone().all(|row| screen.shown().lines().nth(row) != without.lines().nth(row)));
    screen.keys("x");
    assert_eq!(screen.shown(), without, "what was chosen is taken");
}
