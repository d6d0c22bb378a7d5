//! Questions that the client asks before it says who one is.

use tui_client::event::LinkEvent;

use crate::{SIZES, screen::Screen};

#[test]
fn a_known_hub_without_tls_is_asked_about() {
    for (columns, rows) in SIZES {
        let mut screen = Screen::new(columns, rows);
        let name = protocol::UserName::parse("Ana").expect("a name");
        let known_as = "wss://chat.ana.example".into();
        screen.link(LinkEvent::ConfirmHub { known_as, loses_tls: true, name });
        insta::assert_snapshot!(format!("confirm-no-tls-{columns}x{rows}"), screen.shown());
    }
}
