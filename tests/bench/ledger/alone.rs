//! The ledger alone: as many proposals in flight as there may be.

use std::{path::Path, time::Instant};

use anyhow::{anyhow, bail};
use protocol::{Identity, MessageText, RequestId, RoomName, Timestamp, UserName};
use server::{
    Storage,
    hub::input::Ticket,
    ledger::{self, Act, Decision, NEWS_MAX, News, Outcome, PROPOSALS_MAX, Proposal, Started},
};
use tokio::sync::mpsc;

use crate::said::{MESSAGES, TALKERS, TEXT, id, now};

/// Messages a second.
pub(crate) fn rate(directory: &Path) -> anyhow::Result<f64> {
    let opened = ledger::open(&Storage::Directory(directory.to_owned()))?;
    let (news, mut from_ledger) = mpsc::channel(NEWS_MAX);
    let Started { ledger, .. } = opened.start(news)?;
    let talkers = (0..TALKERS).map(Talker::new).collect::<anyhow::Result<Vec<_>>>()?;
    let start = Instant::now();
    let (mut proposed, mut decided) = (0, 0);
    while decided < MESSAGES {
        let due = proposed..MESSAGES.min(decided + PROPOSALS_MAX);
        proposed = due.end;
        let due = due.map(|number| talkers[number % TALKERS].proposal(number));
        ledger.propose(due.collect::<anyhow::Result<_>>()?)?;
        match from_ledger.blocking_recv() {
            Some(News::Decided(outcomes)) if outcomes.iter().all(is_stored) => {
                decided += outcomes.len();
            }
            other => bail!("instead of storing: {other:?}"),
        }
    }
    Ok(MESSAGES as f64 / start.elapsed().as_secs_f64())
}

fn is_stored(outcome: &Outcome) -> bool {
    matches!(outcome.decision, Decision::Stored { .. })
}

/// Somebody who talks in a room.
struct Talker {
    room: RoomName,
    by: Identity,
    from: UserName,
    text: MessageText,
}

impl Talker {
    fn new(number: usize) -> anyhow::Result<Self> {
        let refused = |refusal| anyhow!("{refusal}");
        Ok(Self {
            room: RoomName::parse(&format!("room-{number}")).map_err(refused)?,
            by: Identity::from_bytes((number as u128).to_be_bytes()),
            from: UserName::parse(&format!("c{number}")).map_err(refused)?,
            text: MessageText::parse(TEXT).map_err(refused)?,
        })
    }

    fn proposal(&self, number: usize) -> anyhow::Result<Proposal> {
        let id = RequestId::parse(&id(number)).map_err(|refusal| anyhow!("{refusal}"))?;
        let (room, text) = (self.room.clone(), self.text.clone());
        let act = Act::Say { room, id, text, reply_to: None };
        let (ticket, at) = (Ticket(number as u64), Timestamp(now()));
        let (by, from) = (self.by.clone(), self.from.clone());
        Ok(Proposal { ticket, by, from, at, certain: at, act })
    }
}
