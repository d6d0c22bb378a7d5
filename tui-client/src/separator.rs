//! The row between scrollback and composer: what it says, and until when. Nothing shifts when
//! it speaks. PURE.

use std::time::Duration;

use protocol::UserName;

use crate::place::Place;

/// What the row has to say, beside what the view knows itself (`↓ 12 new`).
#[derive(Clone, Debug, Default)]
pub struct Separator {
    said: Option<Said>,
    preview: Option<Preview>,
}

/// An answer or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// One line.
    pub text: String,
    /// Which of the two.
    pub tone: Tone,
    until: Option<Duration>,
    /// Whether it is no longer true once the hub has said welcome.
    until_live: bool,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The answer of a command, or a hint.
    Answer,
    /// Something was not done.
    Error,
    /// A private message or a mention elsewhere.
    Preview,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Preview {
    place: Place,
    text: String,
}

impl Separator {
    /// The answer or error to show, if there is one.
    pub fn said(&self) -> Option<(&str, Tone)> {
        self.said.as_ref().map(|said| (said.text.as_str(), said.tone))
    }

    /// What was said to one elsewhere.
    pub fn previewed(&self) -> Option<&str> {
        self.preview.as_ref().map(|shown| shown.text.as_str())
    }

    /// Where that was said.
    pub(crate) fn preview_place(&self) -> Option<&Place> {
        self.preview.as_ref().map(|shown| &shown.place)
    }

    pub(crate) fn answer(&mut self, text: impl Into<String>) {
        self.said =
            Some(Said { text: text.into(), tone: Tone::Answer, until: None, until_live: false });
    }

    pub(crate) fn error(&mut self, text: impl Into<String>) {
        self.said =
            Some(Said { text: text.into(), tone: Tone::Error, until: None, until_live: false });
    }

    /// Why the hub does not let one in.
    pub(crate) fn error_until_live(&mut self, text: impl Into<String>) {
        self.said =
            Some(Said { text: text.into(), tone: Tone::Error, until: None, until_live: true });
    }

    /// The hub has let one in.
    pub(crate) fn live(&mut self) {
        self.said.take_if(|said| said.until_live);
    }

    /// A hint that goes by itself.
    pub(crate) fn hint_until(&mut self, text: impl Into<String>, until: Duration) {
        self.said = Some(Said {
            text: text.into(),
            tone: Tone::Answer,
            until: Some(until),
            until_live: false,
        });
    }

    /// The draft was edited, or Esc pressed.
    pub(crate) fn clear_said(&mut self) {
        self.said = None;
    }

    /// News from elsewhere. It is newer than an answer that has been read; errors and hints
    /// stay before it.
    pub(crate) fn preview(&mut self, place: Place, text: String) {
        self.said.take_if(|said| said.tone == Tone::Answer && said.until.is_none());
        self.preview = Some(Preview { place, text });
    }

    /// `place` was opened.
    pub(crate) fn opened(&mut self, place: &Place) {
        self.preview.take_if(|preview| preview.place == *place);
    }

    /// What this person said is not to be seen any more.
    pub(crate) fn forget_preview(&mut self, from: &UserName) {
        let begins = format!("{from} (");
        self.preview.take_if(|preview| preview.text.starts_with(&begins));
    }

    /// Something was sent.
    pub(crate) fn clear_preview(&mut self) {
        self.preview = None;
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.said.as_ref().and_then(|said| said.until)
    }

    pub(crate) fn tick(&mut self, now: Duration) {
        self.said.take_if(|said| said.until.is_some_and(|until| until <= now));
    }
}
