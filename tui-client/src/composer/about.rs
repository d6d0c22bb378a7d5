//! What a draft is about: a message that it answers, or one whose words it is to replace. PURE.

use std::borrow::Cow;

use protocol::Seq;

use super::Composer;
use crate::place::Place;

/// What the draft of a place is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// It answers this message.
    Reply(Seq),
    /// It is how this message is to read.
    Edit {
        /// Which.
        seq: Seq,
        /// What was being written before, and is written on afterwards.
        before: String,
    },
}

impl Composer {
    /// What the draft of `place` is about, if it is not only itself.
    pub(crate) fn about(&self, place: &Place) -> Option<&About> {
        self.about.get(place)
    }

    /// The message that the draft of `place` answers.
    pub(crate) fn reply_to(&self, place: &Place) -> Option<Seq> {
        match self.about.get(place)? {
            About::Reply(seq) => Some(*seq),
            About::Edit { .. } => None,
        }
    }

    /// The draft of `place` answers a message.
    pub(crate) fn answer(&mut self, place: Place, seq: Seq) {
        self.end_about(&place);
        self.about.insert(place, About::Reply(seq));
    }

    /// The draft of the place that is shown is a message of before from now on.
    pub(crate) fn edit(&mut self, place: Place, seq: Seq, text: &str) {
        self.end_search(false);
        self.end_about(&place);
        let draft = self.draft.take();
        let before = self.history.with_kept(&draft).into_owned();
        self.history.leave();
        self.draft.set(text);
        self.about.insert(place, About::Edit { seq, before });
    }

    /// The draft of the place that is shown is only itself again. What was written before an edit
    /// is back, and the words of the edit are among the lines sent before.
    pub(crate) fn end_about(&mut self, place: &Place) -> Option<About> {
        let about = self.about.remove(place)?;
        if let About::Edit { before, .. } = &about {
            let edited = self.draft.take();
            self.history.push(&edited);
            self.history.leave();
            self.draft.set(before.as_str());
        }
        Some(about)
    }

    /// The message that the draft of `place` is about is no more; its words are.
    pub(crate) fn forget_about(&mut self, place: &Place, shown: &Place) {
        if let Some(About::Edit { before, .. }) = self.about.remove(place)
            && !before.is_empty()
        {
            self.put_back(place, &before, shown);
        }
    }

    /// An edit was not taken: it is edited still, where nothing else is being edited there.
    pub(crate) fn edit_again(&mut self, place: &Place, seq: Seq, text: &str, shown: &Place) {
        if self.about.contains_key(place) {
            self.history.push(text);
            return;
        }
        let draft = if place == shown {
            &mut self.draft
        } else {
            self.kept.entry(place.clone()).or_default()
        };
        let before = draft.take();
        draft.set(text);
        self.about.insert(place.clone(), About::Edit { seq, before });
    }

    /// All of a draft, with what was written before an edit.
    pub(super) fn whole<'a>(&'a self, place: &Place, text: Cow<'a, str>) -> Cow<'a, str> {
        match self.about.get(place) {
            Some(About::Edit { before, .. }) if !before.is_empty() => {
                format!("{before}\n{text}").into()
            }
            Some(About::Edit { .. } | About::Reply(_)) | None => text,
        }
    }
}
