//! The real hub, as a process, without limits of rate.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;

use crate::window::program;

/// The hub; it ends with this.
pub(crate) struct Hub {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Hub {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(program("hubbub-server")?);
        command.args(["start", "-H", "127.0.0.1", "-p", "0", "--memory", "--rate", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.split("ws://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.with_context(|| format!("the hub said {line:?}"))?.trim().parse()?;
        Ok(Self { child, address })
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}
