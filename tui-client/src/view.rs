//! What is on the screen: `view(&state, canvas)`. PURE: it reads the state and changes nothing.
//!
//! Geometry is in [`layout`], which knows no terminal library and is what `update` asks too.
//! All text goes through [`crate::safe_text::SafeText`] and one function, `canvas::put`.

mod bare;
mod canvas;
mod composer;
pub(crate) mod hints;
pub mod layout;
mod members;
mod menu;
mod messages;
mod panel;
mod rooms;
mod rows;
pub(crate) mod under;

pub use canvas::Canvas;
pub(crate) use canvas::put;
#[cfg(test)]
pub(crate) use canvas::put_styled;

use crate::{notify, safe_text::SafeText, state::State, theme, view::layout::Layout};

/// Draws everything.
pub fn view(state: &State, canvas: &mut Canvas) {
    canvas.reset(state.size);
    canvas.set_ground(state.ground.preferring(state.settings.preferences.background));
    canvas.set_title(notify::window_title(state));
    if let Some(bare) = &state.bare {
        bare::draw(state, bare, canvas);
        return;
    }
    let screen = layout::screen(state);
    let Some(layout) = Layout::of(state) else {
        put(canvas, screen, 0, 0, &SafeText::line("window too small"), theme::plain());
        return;
    };
    rows::title(state, layout.title, canvas);
    messages::draw(state, layout.scrollback, canvas);
    canvas.set_scrolls(layout.scrollback);
    if let Some(area) = layout.rooms {
        rooms::draw(state, area, canvas);
    }
    if let Some(area) = layout.people {
        members::draw(state, area, canvas);
    }
    let in_panel = panel::draw(state, layout.panel, canvas);
    menu::draw(state, layout.panel, canvas);
    hints::draw(state, layout.panel, canvas);
    rows::separator(state, layout.separator, canvas);
    let in_composer = composer::draw(state, layout.composer, canvas);
    rows::status(state, layout.status, canvas);
    let (column, row) = in_panel.unwrap_or(in_composer);
    canvas.set_cursor(column, row);
}
