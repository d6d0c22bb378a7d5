//! Who is compared, and how each is started. A peer that is not there is left out, and said so.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};

use super::speech::Speech;

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    HubDurable,
    HubMemory,
    UWebSockets,
    Gorilla,
    Ws,
    Broadcast,
    Axum,
    Floor,
}

impl Peer {
    pub(crate) const ALL: [Self; 8] = [
        Self::HubDurable,
        Self::HubMemory,
        Self::UWebSockets,
        Self::Gorilla,
        Self::Ws,
        Self::Broadcast,
        Self::Axum,
        Self::Floor,
    ];

    /// As in tables, and as chosen with `--only`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HubDurable => "hub",
            Self::HubMemory => "hub --memory",
            Self::UWebSockets => "uWebSockets",
            Self::Gorilla => "gorilla loop",
            Self::Ws => "ws (Node)",
            Self::Broadcast => "tokio broadcast",
            Self::Axum => "axum broadcast",
            Self::Floor => "bare send()",
        }
    }

    pub(crate) fn speech(self) -> Speech {
        match self {
            Self::HubDurable | Self::HubMemory => Speech::Hub,
            Self::UWebSockets
            | Self::Gorilla
            | Self::Ws
            | Self::Broadcast
            | Self::Axum
            | Self::Floor => Speech::Peer,
        }
    }

    /// Builds what has to be built; an error says why this peer is absent.
    pub(crate) fn build(self) -> anyhow::Result<()> {
        match self {
            Self::HubDurable | Self::HubMemory => {
                present(&beside_me("hubbub-server")?, "run cargo build --release -p server")
            }
            Self::UWebSockets => build_uwebsockets(),
            Self::Gorilla => build_gorilla(),
            Self::Ws => present(&installed("node_modules/ws"), INSTALL),
            Self::Broadcast | Self::Axum | Self::Floor => Ok(()),
        }
    }

    /// The command that serves on a free port of 127.0.0.1 and prints where.
    pub(crate) fn command(self, data: &Path) -> anyhow::Result<Command> {
        let hub = ["-H", "127.0.0.1", "-p", "0", "--rate", "0"];
        let mut command = match self {
            Self::HubDurable | Self::HubMemory => Command::new(beside_me("hubbub-server")?),
            Self::UWebSockets => Command::new(installed("uwebsockets")),
            Self::Gorilla => Command::new(installed("gorilla")),
            Self::Ws => Command::new("node"),
            Self::Broadcast | Self::Axum | Self::Floor => Command::new(std::env::current_exe()?),
        };
        match self {
            Self::HubDurable => command.args(hub).arg("--data").arg(data),
            Self::HubMemory => command.args(hub).arg("--memory"),
            Self::UWebSockets | Self::Gorilla => &mut command,
            Self::Ws => command
                .env("NODE_PATH", installed("node_modules"))
                .env("NODE_ENV", "production")
                .arg(source("ws.js")),
            Self::Broadcast => command.args(["serve", "broadcast"]),
            Self::Axum => command.args(["serve", "axum"]),
            Self::Floor => command.args(["serve", "floor"]),
        };
        Ok(command)
    }
}

/// What to do about a peer that is not there.
const INSTALL: &str = "run tests/bench/peers/install";

fn build_gorilla() -> anyhow::Result<()> {
    let library = Path::new("/usr/share/gocode/src/github.com/gorilla/websocket");
    present(library, INSTALL)?;
    let mut go = Command::new("go");
    go.env("GOPATH", "/usr/share/gocode").env("GO111MODULE", "off").env("GOFLAGS", "");
    go.arg("build").arg("-o").arg(installed("gorilla")).arg(source("gorilla.go"));
    run(&mut go)
}

fn build_uwebsockets() -> anyhow::Result<()> {
    let library = installed("vendor/libuwebsockets-sys/uWebSockets");
    present(&library, INSTALL)?;
    let to = installed("uwebsockets");
    let is_newer = |than: &Path| -> std::io::Result<bool> {
        Ok(to.metadata()?.modified()? > than.metadata()?.modified()?)
    };
    if is_newer(&source("uwebsockets.cpp")).unwrap_or(false) {
        return Ok(()); // It takes half a minute.
    }
    run(Command::new(source("build-uwebsockets")).arg(library).arg(to))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {complaint}");
    Ok(())
}

fn present(path: &Path, otherwise: &str) -> anyhow::Result<()> {
    ensure!(path.exists(), "there is no {}; {otherwise}", path.display());
    Ok(())
}

/// Where `peers/install` puts what it gets.
fn installed(what: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers").join(what)
}

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peers").join(file)
}

fn beside_me(program: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(program))
}
