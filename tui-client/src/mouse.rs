//! What is known of the mouse, and whether the terminal is asked to tell of it. PURE.

use std::time::Duration;

use crate::{effect::Effect, event::At, state::State};

/// A click so soon after the window got the focus is the one that gave it: it was for the window.
const FOCUS_TAKES: Duration = Duration::from_millis(200);

/// The mouse, as far as the terminal tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Mouse {
    /// Whether the terminal is asked to tell.
    is_told: bool,
    /// Where the button went down that is still held.
    pressed: Option<At>,
    /// Until when a click is for the window.
    sleeps_until: Duration,
    /// Whether it was said how to select: once is enough.
    has_hinted: bool,
}

impl Mouse {
    /// Before the button was ever pressed.
    pub(crate) fn new(is_told: bool) -> Self {
        Self { is_told, pressed: None, sleeps_until: Duration::ZERO, has_hinted: false }
    }

    /// The window got the focus.
    pub(crate) fn focus(&mut self, now: Duration) {
        self.sleeps_until = now + FOCUS_TAKES;
    }

    /// The button goes down here.
    pub(crate) fn press(&mut self, at: At, now: Duration) {
        self.pressed = (now >= self.sleeps_until).then_some(at);
    }

    /// The button comes up; whether that is a click, and not the end of a drag.
    pub(crate) fn release(&mut self, at: At) -> bool {
        self.pressed.take() == Some(at)
    }

    /// The mouse moves with a button held; whether that is the first time.
    pub(crate) fn drag(&mut self) -> bool {
        self.pressed = None;
        !std::mem::replace(&mut self.has_hinted, true)
    }
}

impl State {
    /// Whether the terminal is to tell of the mouse: in the bare view it is the terminal's own.
    pub(crate) fn wants_mouse(&self) -> bool {
        self.settings.preferences.mouse && self.bare.is_none()
    }
}

/// Has the terminal tell of the mouse, or no longer, where that has changed.
pub(crate) fn settle(state: &mut State) -> Option<Effect> {
    let wants = state.wants_mouse();
    let is_told = std::mem::replace(&mut state.mouse.is_told, wants);
    (is_told != wants).then_some(Effect::Mouse(wants))
}
