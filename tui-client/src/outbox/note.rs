//! What of the outbox and the drafts is on disk: a list of notes, in the order in which things
//! happened, and what they come to. PURE: the shell writes and reads.

use std::collections::{BTreeMap, HashSet};

use protocol::{Addressee, MessageText, RequestId, Seq, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Outgoing, Stage};
use crate::place::Place;

/// Something that happened to what was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Enter was pressed.
    Typed {
        /// Under this id it goes, at every attempt.
        id: RequestId,
        /// Where it is shown.
        place: Place,
        /// To whom, if it is no `say`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Addressee>,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
        /// Whether it is an announcement.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        announces: bool,
        /// What was typed.
        text: MessageText,
        /// When.
        at: Timestamp,
    },
    /// The hub has it.
    Done(RequestId),
    /// It cannot go.
    Failed {
        /// Which.
        id: RequestId,
        /// One sentence.
        why: String,
        /// Whether it was refused itself.
        #[serde(default)]
        is_refused: bool,
    },
    /// A failed one goes again.
    Retried {
        /// The id of before.
        id: RequestId,
        /// That of now, if it was refused itself.
        new: RequestId,
    },
    /// The user gave a failed one up.
    GivenUp(RequestId),
    /// It is shown in another place.
    Moved {
        /// Which.
        id: RequestId,
        /// Where.
        place: Place,
        /// To whom it goes now, if it is no `say`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Addressee>,
    },
    /// What is being written in a place; nothing, if the text is empty.
    Draft {
        /// Where.
        place: Place,
        /// The whole text.
        text: String,
    },
    /// The message that it answers, if it answers one.
    Answering {
        /// Where.
        place: Place,
        /// Which.
        seq: Option<Seq>,
    },
}

/// What the notes come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What the hub has not stored, in typing order.
    pub messages: Vec<Outgoing>,
    /// What is being written.
    pub drafts: BTreeMap<Place, String>,
    /// The messages that drafts answer.
    pub replies: BTreeMap<Place, Seq>,
}

impl Note {
    /// Whether this may only happen once it is on disk: what the user is then told has happened,
    /// or what is then sent, must not be undone by a crash.
    pub fn is_promise(&self) -> bool {
        match self {
            Self::Typed { .. } | Self::Retried { .. } | Self::GivenUp(_) => true,
            Self::Done(_)
            | Self::Failed { .. }
            | Self::Moved { .. }
            | Self::Draft { .. }
            | Self::Answering { .. } => false,
        }
    }

    /// Whether this is so, on disk or not.
    pub fn has_happened(&self) -> bool {
        match self {
            Self::Done(_) | Self::Failed { .. } | Self::Moved { .. } => true,
            Self::Typed { .. }
            | Self::Retried { .. }
            | Self::GivenUp(_)
            | Self::Draft { .. }
            | Self::Answering { .. } => false,
        }
    }

    /// Whether nothing is harmed if a power cut undoes it: the hub answers what it has stored
    /// with its first `ack`.
    pub fn may_be_undone(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// The note of a message that waits.
    pub(crate) fn typed(message: &Outgoing) -> Self {
        let Outgoing { id, place, to, reply_to, announces, text, typed, .. } = message.clone();
        Self::Typed { id, place, to, reply_to, announces, text, at: typed }
    }
}

impl Kept {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.drafts.is_empty()
    }

    /// Takes a note in.
    pub fn apply(&mut self, note: &Note) {
        match note {
            Note::Typed { .. } => self.add(note),
            Note::Done(id) | Note::GivenUp(id) => self.messages.retain(|known| known.id != *id),
            Note::Failed { id, why, is_refused } => self.change(id, |known| {
                known.stage = Stage::Failed { why: why.clone(), is_refused: *is_refused };
            }),
            Note::Retried { id, new } => self.change(id, |known| {
                known.retry_as(new.clone());
                known.tried = true;
            }),
            Note::Moved { id, place, to } => self.change(id, |known| {
                (known.place, known.to) = (place.clone(), to.clone());
            }),
            Note::Draft { place, text } => self.write(place, text),
            Note::Answering { place, seq: Some(seq) } => {
                self.replies.insert(place.clone(), *seq);
            }
            Note::Answering { place, seq: None } => drop(self.replies.remove(place)),
        }
    }

    /// Takes notes in, in their order.
    pub fn apply_all(&mut self, notes: &[Note]) {
        for note in notes {
            self.apply(note);
        }
    }

    /// Takes in what another client of the same person left. What both have counts once.
    pub fn adopt(&mut self, other: Self) {
        let known: HashSet<RequestId> = self.messages.iter().map(|m| m.id.clone()).collect();
        let new = other.messages.into_iter().filter(|message| !known.contains(&message.id));
        self.messages.extend(new);
        for (place, text) in other.drafts {
            let here = self.drafts.entry(place).or_default();
            if text.contains(here.as_str()) {
                *here = text;
            } else if !here.contains(&text) {
                here.push('\n');
                here.push_str(&text);
            }
        }
        for (place, seq) in other.replies {
            self.replies.entry(place).or_insert(seq);
        }
    }

    /// The shortest list of notes that comes to this.
    pub fn notes(&self) -> Vec<Note> {
        let messages = self.messages.iter().flat_map(|message| {
            let failed = match &message.stage {
                Stage::Failed { why, is_refused } => Some(Note::Failed {
                    id: message.id.clone(),
                    why: why.clone(),
                    is_refused: *is_refused,
                }),
                Stage::Queued | Stage::Sent { .. } | Stage::Stored { .. } => None,
            };
            [Some(Note::typed(message)), failed].into_iter().flatten()
        });
        let draft = |(place, text): (&Place, &String)| Note::Draft {
            place: place.clone(),
            text: text.clone(),
        };
        let answering = |(place, seq): (&Place, &Seq)| Note::Answering {
            place: place.clone(),
            seq: Some(*seq),
        };
        let drafts = self.drafts.iter().map(draft);
        messages.chain(drafts).chain(self.replies.iter().map(answering)).collect()
    }

    fn add(&mut self, note: &Note) {
        if let Note::Typed { id, place, to, reply_to, announces, text, at } = note.clone() {
            // Whoever wrote this down was about to send it.
            let (typed, stage, tried) = (at, Stage::Queued, true);
            #[rustfmt::skip]
            self.messages.push(Outgoing {
                id, place, to, reply_to, announces, text, typed, stage, tried,
            });
        }
    }

    fn change(&mut self, id: &RequestId, change: impl FnOnce(&mut Outgoing)) {
        if let Some(message) = self.messages.iter_mut().find(|message| message.id == *id) {
            change(message);
        }
    }

    fn write(&mut self, place: &Place, text: &str) {
        if text.is_empty() {
            self.drafts.remove(place);
        } else {
            self.drafts.insert(place.clone(), text.to_owned());
        }
    }
}
