//! A disk whose sync fails: the hub must end, and not have acked what is gone then.

use crate::{
    Launch, ServerProcess,
    crowd::{Crowd, Kind, Outcome, Violation},
    rigs::{disk::Disk, power::Power},
};

/// Messages that are to be acked between two failures.
const ACKS_BETWEEN: usize = 20;
/// After so many acks since its sync failed a hub has gone on: at most sixteen were on their way,
/// and it may take it some time to end.
const ACKS_TO_GO_ON: usize = 300;

/// For each number up to `last`: the sync of that number after a start fails, the hub ends, and
/// the disk has only what was synced.
pub fn fail_each_sync(launch: &Launch, last: u32) -> Outcome {
    let home = tempfile::tempdir().expect("a directory");
    let mut power = Power::on(launch.data(), &home.path().join("journal"));
    let mut server = ServerProcess::launch(Disk::Journal(&power.journal).under(launch));
    let crowd = Crowd::gather(server.address(), 8, 8);
    let mut survived = Vec::new();
    for number in 1..=last {
        crowd.wait_for_acks(ACKS_BETWEEN);
        server.kill();
        power.lose();
        server.relaunch(Disk::FailingSync(number, &power.journal).under(launch));
        survived.extend(end(&mut server, &crowd, &power, number));
        power.lose();
        server.relaunch(Disk::Journal(&power.journal).under(launch));
        server.restart();
    }
    let mut outcome = crowd.finish();
    outcome.violations.extend(survived);
    outcome
}

/// The same for one sync of a hub that has to make its log first.
pub fn fail_a_sync_of_a_new_log(launch: &Launch, number: u32) -> Outcome {
    let home = tempfile::tempdir().expect("a directory");
    let mut power = Power::on(launch.data(), &home.path().join("journal"));
    let failing = Disk::FailingSync(number, &power.journal).under(launch);
    let mut server = ServerProcess::prepare(failing);
    let crowd = Crowd::gather(server.address(), 2, 2);
    let survived = end(&mut server, &crowd, &power, number);
    power.lose();
    server.relaunch(launch.clone());
    server.restart();
    crowd.wait_for_acks(ACKS_BETWEEN);
    let mut outcome = crowd.finish();
    outcome.violations.extend(survived);
    outcome
}

/// Starts a hub whose sync of this number fails, and sees it end. SQLite hides that a directory
/// was not synced: then it may go on, and nothing may be lost by that.
fn end(server: &mut ServerProcess, crowd: &Crowd, power: &Power, number: u32) -> Option<Violation> {
    // The first few fail before it listens.
    let status = server.try_restart().err().or_else(|| {
        crowd.wait_until("the sync", || server.has_ended() || power.has_failed());
        let enough = crowd.acked() + ACKS_TO_GO_ON;
        crowd.wait_until("the end of the hub", || server.has_ended() || crowd.acked() >= enough);
        server.has_ended().then(|| server.wait())
    });
    let Some(status) = status else {
        server.kill();
        let goes_on = format!("sync {number} failed, and the hub went on");
        return (!power.failed_at_directory()).then(|| Violation::new(Kind::WentOn, goes_on));
    };
    let is_error = status.code().is_some_and(|code| code != 0);
    let what = format!("sync {number} failed, and the hub ended with {status}");
    (!is_error).then(|| Violation::new(Kind::Stuck, what))
}
