//! Loss of power: what the disk has afterwards is what was synced, and of the rest whatever the
//! disk pleases.

mod image;

use std::{fs, path::Path, thread, time::Duration};

use crate::{
    Launch, ServerProcess,
    crowd::{Crowd, Outcome},
    rigs::disk::Disk,
};

use image::Image;

/// When power is lost, after the hub began to listen.
const LOST_AFTER_MS: std::ops::RangeInclusive<u64> = 5..=250;

/// Takes a hub's power under eight who talk and eight who listen, again and again.
pub fn lose_power_again_and_again(launch: &Launch, rounds: u32) -> Outcome {
    let home = tempfile::tempdir().expect("a directory");
    let mut power = Power::on(launch.data(), &home.path().join("journal"));
    let mut server = ServerProcess::launch(Disk::Journal(&power.journal).under(launch));
    let crowd = Crowd::gather(server.address(), 8, 8);
    crowd.wait_for_acks(1);
    for _ in 0..rounds {
        thread::park_timeout(Duration::from_millis(fastrand::u64(LOST_AFTER_MS)));
        server.kill();
        power.lose();
        if server.try_restart().is_err() {
            return crowd.gone(&server.complaints());
        }
    }
    if server.has_ended() { crowd.gone(&server.complaints()) } else { crowd.finish() }
}

/// The power of the disk that a data directory is on.
#[derive(Debug)]
pub(crate) struct Power {
    pub(crate) data: std::path::PathBuf,
    pub(crate) journal: std::path::PathBuf,
    /// What the disk had when the journal began.
    start: Image,
}

impl Power {
    /// A new disk, whose changes a hub will write into `journal`.
    pub(crate) fn on(data: &Path, journal: &Path) -> Self {
        let (data, journal) = (data.to_owned(), journal.to_owned());
        Self { data, journal, start: Image::default() }
    }

    /// Whether a sync has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed_sync().is_some()
    }

    /// Whether the sync that failed was one of the directory.
    pub(crate) fn failed_at_directory(&self) -> bool {
        self.failed_sync().is_some_and(|path| path == self.data)
    }

    fn failed_sync(&self) -> Option<std::path::PathBuf> {
        let journal = fs::read(&self.journal).expect("the journal");
        image::failed_sync(&journal)
    }

    /// Makes the data directory what it might be if power was lost when the hub was killed.
    pub(crate) fn lose(&mut self) {
        let journal = fs::read(&self.journal).expect("the journal");
        let seed = fastrand::u64(..);
        self.start =
            self.start.after_loss(&journal, &self.data, &mut fastrand::Rng::with_seed(seed));
        self.start.write(&self.data).expect("write what the disk has");
        fs::remove_file(&self.journal).expect("remove the journal");
    }
}
