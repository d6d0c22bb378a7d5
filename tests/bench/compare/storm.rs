//! Ten thousand come and go while one of 500 talks: what the 500 hear of it.
//!
//! The talk is 10 messages a second, as in a lively room, not a flood. Only the times of the 500
//! count, though those who came hear everything too, and it is checked. One thread does it all, so
//! that it may be what is slow. Against that the 500 have sockets of their own, which are read
//! before each few of the others, and connections are opened and dropped a few at a time, with a
//! look at the clock and at those sockets in between. How late the talker was nonetheless is a
//! figure beside the others: the generator's share, since the server cannot make the talker late. A
//! time from word to ear begins when the word was really sent, so it has nothing of that; but
//! it ends when the generator has read it, which may be as late as that figure. Where the two
//! are close, the generator is what was measured. With everybody in, one message is told to
//! 10,500: that alone takes some 50 ms of a core.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{
    book::{Book, What},
    generator::Crowd,
    measure::{CLIENTS, SETTLE, start},
    peers::Peer,
    server::Cores,
    talk::{EVERY, Talk},
};

/// Those who come and go.
const COMERS: usize = 10_000;
/// How long it is calm before.
const CALM: Duration = Duration::from_secs(3);
/// How long the talk goes on after they began to leave.
const GOING: Duration = Duration::from_secs(3);
/// Those on their way in at the same time: many, since nobody in a storm waits for others.
const AT_ONCE: usize = 512;
/// Connections opened, and dropped, between two looks at the clock.
const OPENED: usize = 2;
const DROPPED: usize = 16;
/// Nobody comes in while so many messages are said: ten seconds, in which nobody stopped us.
const MESSAGES_ALONE: u64 = 100;

/// Calm, those who come, those who go.
pub(crate) fn storm(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    let (_server, mut crowd) = start(peer, Cores::Apart, CLIENTS, 0)?;
    crowd.settle(SETTLE)?;
    let mut talk = Talk::new(Instant::now());
    talk_for(&mut crowd, &mut talk, CALM)?;
    book.note(What::P99Calm, peer, p99(&mut crowd));
    let before = crowd.presence();
    let rate = come(&mut crowd, &mut talk)?;
    book.note(What::P99Coming, peer, p99(&mut crowd));
    book.note(What::Joins, peer, rate);
    talk_for(&mut crowd, &mut talk, SETTLE)?;
    crowd.catch_up().context("after ten thousand came")?;
    let presence = (crowd.presence() - before) as f64 / COMERS as f64;
    book.note(What::PresencePerJoin, peer, presence);
    crowd.take_latency();
    talk.resume(Instant::now());
    go(&mut crowd, &mut talk)?;
    book.note(What::P99Going, peer, p99(&mut crowd));
    crowd.catch_up().context("after ten thousand went")?;
    book.note(What::TalkerLate, peer, talk.late().as_secs_f64() * 1e3);
    Ok(())
}

/// Lets everybody in; how many a second.
fn come(crowd: &mut Crowd, talk: &mut Talk) -> anyhow::Result<f64> {
    let (start, all) = (Instant::now(), CLIENTS + COMERS);
    let mut newest = (crowd.live(), crowd.said());
    while crowd.live() < all {
        let is_open = crowd.open_some(OPENED, all, AT_ONCE)?;
        talk_turn(crowd, talk, if is_open { Duration::ZERO } else { EVERY })?;
        if crowd.live() > newest.0 {
            newest = (crowd.live(), crowd.said());
        } else if crowd.said() > newest.1 + MESSAGES_ALONE {
            bail!("after {} clients nobody comes in", newest.0);
        }
    }
    Ok(COMERS as f64 / start.elapsed().as_secs_f64())
}

/// Drops everybody who came, and talks on.
fn go(crowd: &mut Crowd, talk: &mut Talk) -> anyhow::Result<()> {
    let end = Instant::now() + GOING;
    while crowd.drop_some(DROPPED) {
        talk_turn(crowd, talk, Duration::ZERO)?;
    }
    talk_until(crowd, talk, end)
}

fn talk_for(crowd: &mut Crowd, talk: &mut Talk, time: Duration) -> anyhow::Result<()> {
    talk_until(crowd, talk, Instant::now() + time)
}

fn talk_until(crowd: &mut Crowd, talk: &mut Talk, end: Instant) -> anyhow::Result<()> {
    while Instant::now() < end {
        talk_turn(crowd, talk, EVERY)?;
    }
    Ok(())
}

/// Says what is due, and reads what comes before the next message, for so long at most.
fn talk_turn(crowd: &mut Crowd, talk: &mut Talk, most: Duration) -> anyhow::Result<()> {
    if talk.is_due(Instant::now()) {
        crowd.say(1)?;
    }
    crowd.look(talk.pause(Instant::now()).min(most))
}

/// Milliseconds, since this was asked for the last time.
fn p99(crowd: &mut Crowd) -> f64 {
    crowd.take_latency().percentile(99).as_secs_f64() * 1e3
}
