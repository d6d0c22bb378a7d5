//! A disk that is full, and then is not.

use std::{
    fs,
    io::{self, Write as _},
    process::Command,
};

use protocol::ServerFrame;

use crate::{
    Launch, ServerProcess, TestClient,
    crowd::{Crowd, Outcome},
};

/// Mounts a file system of a size at a place, and becomes the rest of the command.
const MOUNT: &str = "mount -t tmpfs -o size=$0 hub \"$1\" && shift && exec \"$@\"";
/// Takes half of a disk of two mebibytes, and becomes the hub.
const FILL: &str = "mkdir \"$0/data\" && head -c 1048576 /dev/zero > \"$0/ballast\" && exec \"$@\"";
/// Set where nothing may be left out.
const SKIP_NOTHING: &str = "HUBBUB_SKIP_NOTHING";

/// What a command begins with that has a small disk of its own there: a file system in memory that
/// only its processes see. Nothing, and a line about it, where the system lets nobody mount.
pub fn small_disk<'a>(size: &'a str, mount: &'a str) -> Option<[&'a str; 6]> {
    let words = ["unshare", "-rm", "sh", "-c", MOUNT, size];
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args([mount, "true"]);
    if command.output().is_ok_and(|output| output.status.success()) {
        return Some(words);
    }
    assert!(std::env::var_os(SKIP_NOTHING).is_none(), "nobody may mount a file system here");
    // Not through the macros: tests hide what they print unless they fail.
    let _ = writeln!(io::stderr(), "SKIPPED: a test wants a disk, and nobody may mount one here");
    None
}

/// Lets a crowd fill the disk of a hub, sees that what is there can still be read, and makes
/// room. Nothing, where the system lets nobody mount. The hub gets a directory on that disk.
pub fn fill_the_disk(launch: Launch) -> Option<Outcome> {
    let home = tempfile::tempdir().expect("a directory");
    let mount = home.path().to_str().expect("UTF-8");
    let wrapper = small_disk("2m", mount)?.into_iter().chain([mount, "sh", "-c", FILL, mount]);
    let launch = launch.keeping(&home.path().join("data")).inside(wrapper);
    let server = ServerProcess::launch(launch);
    let crowd = Crowd::gather(server.address(), 8, 8);
    crowd.wait_until("a full disk", || crowd.refused() > 0);
    crowd.can_be_read();
    // The hub is the only process that sees its file system, but for this way in.
    let ballast = format!("/proc/{}/root{mount}/ballast", server.id());
    fs::remove_file(ballast).expect("make room");
    Some(crowd.finish())
}

impl Crowd {
    /// Sees that somebody new gets all that there is.
    fn can_be_read(&self) {
        let read = async {
            let mut reader = TestClient::guest(self.address(), "Reader").await;
            let head = reader.join_after("lobby", Some(0)).await.head.get();
            reader
                .wait_for("the last event that was stored", |frame| match frame {
                    ServerFrame::Event(event) if event.seq.get() == head => Some(()),
                    _ => None,
                })
                .await;
        };
        self.block_on(read);
    }
}
