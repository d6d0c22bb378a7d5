//! The ledger alone: as many proposals in flight as there may be.

use std::{path::Path, time::Instant};

use anyhow::{anyhow, bail};
use protocol::{Identity, MessageText, RequestId, RoomName, Timestamp, UserName};
use server::{
    Storage,
    hub::input::Ticket,
    ledger::{
        self, Act, Decision, LedgerHandle, NEWS_MAX, News, Outcome, PROPOSALS_MAX, Proposal,
        Started,
    },
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
        while proposed < MESSAGES.min(decided + PROPOSALS_MAX) {
            talkers[proposed % TALKERS].propose(&ledger, proposed)?;
            proposed += 1;
        }
        match from_ledger.blocking_recv() {
            Some(News::Decided(Outcome { decision: Decision::Stored { .. }, .. })) => decided += 1,
            other => bail!("instead of storing: {other:?}"),
        }
    }
    Ok(MESSAGES as f64 / start.elapsed().as_secs_f64())
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

    fn propose(&self, ledger: &LedgerHandle, number: usize) -> anyhow::Result<()> {
        let id = RequestId::parse(&id(number)).map_err(|refusal| anyhow!("{refusal}"))?;
        let (room, text) = (self.room.clone(), self.text.clone());
        let act = Act::Say { room, id, text, reply_to: None };
        let (ticket, at) = (Ticket(number as u64), Timestamp(now()));
        let (by, from) = (self.by.clone(), self.from.clone());
        Ok(ledger.propose(Proposal { ticket, by, from, at, certain: at, act })?)
    }
}
