//! What one wants to notice, on whole screens.

use super::{conversation, picture};

#[test]
fn do_not_disturb_is_a_word_in_the_status_row() {
    picture("dnd", |screen| {
        conversation(screen);
        screen.keys("/join games<Enter>");
        screen.joined("games", 0, &["Ana", "Bob"]);
        screen.keys("<C-p>/dnd<Enter>");
        screen.says("games", 1, "Bob", "Ana, your turn");
    });
}
