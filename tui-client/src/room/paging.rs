//! Pages of a room's history: which is missing, and what became of the one that was asked for.
//! PURE.

use std::time::Duration;

use protocol::{PageLimit, Seq, client::History, server::Page};

use super::Room;
use crate::timeline::{Viewport, Want};

/// How it stands with pages of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    /// One can be asked for.
    Idle,
    /// One was asked for and has not come yet.
    Asked,
    /// None is asked for before that: the hub cannot give one now.
    Later(Duration),
    /// None is asked for before the room is joined again: one was refused, and would be again.
    Refused,
}

impl Room {
    /// The page came that was asked for with `want`. It covers what was asked for up to its last
    /// event, or all of that where there is no more; what lies elsewhere in it does not count.
    pub fn on_page(&mut self, page: &Page, want: Want) {
        self.paging = Paging::Idle;
        let seqs = page.events.iter().map(|event| event.seq).filter(|seq| want.covers(*seq));
        let ends = seqs.clone().min().zip(seqs.max()).filter(|_| page.more);
        let covered = match want {
            _ if page.more && ends.is_none() => None,
            Want::Before(seq) => Some((ends.map_or(page.oldest, |ends| ends.0), seq.previous())),
            Want::After(seq) => Some((seq.next(), ends.map_or(page.as_of, |ends| ends.1))),
        };
        if let Some((from, to)) = covered {
            self.timeline.insert_page(&page.events, from, to.min(self.timeline.last()));
        }
        let last = self.timeline.last();
        // What is older than the oldest never comes.
        self.timeline.lose(Seq::ZERO.next(), page.oldest.previous().min(last));
        if let Some(gap) = &page.gap {
            self.timeline.lose(gap.from, gap.to.min(last));
        }
        // Who sends nothing of what is missing would be asked for ever.
        if self.timeline.is_missing(want.nearest()) {
            self.paging = Paging::Refused;
        }
    }

    /// The page that was asked for will not come; where the hub says so it can be asked for again
    /// at some time.
    pub fn on_page_refused(&mut self, again_at: Option<Duration>) {
        self.paging = again_at.map_or(Paging::Refused, Paging::Later);
    }

    /// The user wants what is missing, whatever the hub said before.
    pub(crate) fn ask_again(&mut self) {
        if self.paging != Paging::Asked {
            self.paging = Paging::Idle;
        }
    }

    /// When something of it changes by itself: a page can be asked for again, somebody writes no
    /// longer.
    pub fn deadline(&self) -> Option<Duration> {
        let page = self.page_deadline();
        page.into_iter().chain(self.typing.deadline()).min()
    }

    fn page_deadline(&self) -> Option<Duration> {
        match self.paging {
            Paging::Later(at) => Some(at),
            Paging::Idle | Paging::Asked | Paging::Refused => None,
        }
    }

    /// A time may have come.
    pub fn tick(&mut self, now: Duration) {
        self.typing.tick(now);
        if self.page_deadline().is_some_and(|at| at <= now) {
            self.paging = Paging::Idle;
        }
    }

    /// The page to ask for, if one is missing near what is visible and none is on its way; and
    /// what its answer is for.
    pub(crate) fn wanted_page(&mut self, view: &Viewport) -> Option<(History, Want)> {
        let can_ask = self.joined && self.paging == Paging::Idle;
        let room = self.place.room().filter(|_| can_ask)?.clone();
        let want = self.timeline.wanted(view)?;
        self.paging = Paging::Asked;
        let (before, after) = match want {
            Want::Before(seq) => (Some(seq), None),
            Want::After(seq) => (None, Some(seq)),
        };
        Some((History { id: None, room, before, after, limit: PageLimit::MAX }, want))
    }
}
