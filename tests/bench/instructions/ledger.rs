//! The ledger decides a batch and stores it, in memory: all but the disk.

use anyhow::ensure;
use server::{
    hub::input::Ticket,
    ledger::{Act, Decision, Outcome, Proposal},
    parts::{Notes, Writer, open_memory},
};

use crate::{
    made::{self, AT},
    subject::{Once, Size},
};

/// Proposals in a transaction: as many as come together on a busy hub.
pub(crate) const BATCH: usize = 64;
/// And while it is filled.
const LARGE_BATCH: usize = 1_024;

/// A batch of messages, of one member after another in one room after another.
pub(crate) fn apply(size: Size, most: usize) -> anyhow::Result<Once> {
    let (mut writer, readers, _) = open_memory("counted")?.into_parts();
    let people = size.rooms * size.members;
    fill(&mut writer, people, claim)?;
    let begin = size.of_each_room() * size.rooms;
    fill(&mut writer, begin, |number| say(size, number))?;
    let batches = (0..most).map(|batch| {
        let first = begin + batch * BATCH;
        (first..first + BATCH).map(|number| say(size, number)).collect::<anyhow::Result<Vec<_>>>()
    });
    let mut batches = batches.collect::<anyhow::Result<Vec<_>>>()?.into_iter();
    let notes = Notes::default();
    Ok(Box::new(move || {
        let _ = &readers; // The memory lasts as long as they do.
        let Some(batch) = batches.next() else { return };
        let mut stored = 0;
        let is_stored = |it: &&Outcome| matches!(it.decision, Decision::Stored { .. });
        let is_done = writer.commit(&batch, &notes, |outcomes| {
            stored += outcomes.iter().filter(is_stored).count();
        });
        assert!(is_done.is_ok() && stored == BATCH, "{is_done:?}, {stored} stored");
    }))
}

/// Has everything decided that `proposal` makes of the numbers up to `count`.
fn fill(
    writer: &mut Writer,
    count: usize,
    proposal: impl Fn(usize) -> anyhow::Result<Proposal>,
) -> anyhow::Result<()> {
    for first in (0..count).step_by(LARGE_BATCH) {
        let numbers = first..count.min(first + LARGE_BATCH);
        let batch = numbers.map(&proposal).collect::<anyhow::Result<Vec<_>>>()?;
        let mut refused = Vec::new();
        writer.commit(&batch, &Notes::default(), |outcomes| {
            let is_refused = |it: &Outcome| matches!(it.decision, Decision::Refused { .. });
            refused.extend(outcomes.into_iter().filter(is_refused));
        })?;
        ensure!(refused.is_empty(), "refused: {refused:?}");
    }
    Ok(())
}

fn claim(person: usize) -> anyhow::Result<Proposal> {
    proposal(person, Act::Claim { name: made::name(person)?, only_first: true })
}

fn say(size: Size, number: usize) -> anyhow::Result<Proposal> {
    let room = made::room(number % size.rooms)?;
    // Person p is in room p % rooms.
    let person = number % (size.rooms * size.members);
    let (id, text) = (made::id(number)?, made::text()?);
    proposal(person, Act::Say { room, id, text, reply_to: None })
}

fn proposal(person: usize, act: Act) -> anyhow::Result<Proposal> {
    let (by, from) = (made::identity(person), made::name(person)?);
    Ok(Proposal { ticket: Ticket(0), by, from, at: AT, certain: AT, act })
}
