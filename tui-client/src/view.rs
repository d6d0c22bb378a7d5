//! What is on the screen: `view(&state, frame)`. PURE: it reads the state and changes nothing.
//!
//! Geometry is in [`layout`], which knows no terminal library and is what `update` asks too.
//! All text goes through [`crate::safe_text::SafeText`] and one function, `canvas::put`.

mod canvas;
mod composer;
pub mod layout;
mod members;
mod menu;
mod messages;
mod panel;
mod rooms;
mod rows;

use ratatui::{Frame, layout::Position};

use crate::{safe_text::SafeText, state::State, theme, view::layout::Layout};

/// Draws everything.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let screen = layout::screen(state);
    let buffer = frame.buffer_mut();
    let Some(layout) = Layout::of(state) else {
        canvas::put(buffer, screen, 0, 0, &SafeText::line("window too small"), theme::plain());
        return;
    };
    rows::title(state, layout.title, buffer);
    messages::draw(state, layout.scrollback, buffer);
    if let Some(area) = layout.rooms {
        rooms::draw(state, area, buffer);
    }
    if let Some(area) = layout.people {
        members::draw(state, area, buffer);
    }
    let in_panel = panel::draw(state, layout.panel, buffer);
    menu::draw(state, layout.panel, buffer);
    rows::separator(state, layout.separator, buffer);
    let in_composer = composer::draw(state, layout.composer, buffer);
    rows::status(state, layout.status, buffer);
    let (column, row) = in_panel.unwrap_or(in_composer);
    frame.set_cursor_position(Position { x: column, y: row });
}
