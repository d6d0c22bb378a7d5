//! A disk that is full, and then is not.

use std::fs;

use protocol::ServerFrame;

use crate::{
    Launch, ServerProcess, TestClient,
    crowd::{Crowd, Outcome},
};

/// Mounts a file system of two mebibytes at `$0`, half of it taken, and becomes the hub.
const SET_UP: &str = "mount -t tmpfs -o size=2m hub \"$0\" && mkdir \"$0/data\" \
    && head -c 1048576 /dev/zero > \"$0/ballast\" && exec \"$@\"";

/// Lets a crowd fill the disk of a hub, sees that what is there can still be read, and makes
/// room. Nothing, where the system lets nobody mount.
pub fn fill_the_disk(flags: &[&str]) -> Option<Outcome> {
    let home = tempfile::tempdir().expect("a directory");
    let mount = home.path().to_str().expect("UTF-8");
    if !can_mount(mount) {
        return None;
    }
    let launch = Launch::new(Some(&home.path().join("data")), flags).quiet();
    let wrapper = ["unshare", "-rm", "sh", "-c", SET_UP, mount];
    let server = ServerProcess::launch(launch.inside(wrapper));
    let crowd = Crowd::gather(server.address(), 8, 8);
    crowd.wait_until("a full disk", || crowd.postponed() > 0);
    crowd.can_be_read();
    // The hub is the only process that sees its file system, but for this way in.
    let ballast = format!("/proc/{}/root{mount}/ballast", server.id());
    fs::remove_file(ballast).expect("make room");
    Some(crowd.finish())
}

fn can_mount(mount: &str) -> bool {
    let mut command = std::process::Command::new("unshare");
    command.args(["-rm", "sh", "-c", SET_UP, mount, "true"]);
    command.output().is_ok_and(|output| output.status.success())
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
