//! A script's connection: reaching the hub, being somebody there, and the news of both.

use anyhow::{Context as _, Result};
use protocol::{ClientFrame, HubId, ServerFrame, UserName};

use super::{
    Failure, LOST, NOT_LET_IN,
    entering::{Entering, Heard},
};
use crate::{
    cli::Connect,
    connection::{Link, Start, Who, command::LinkCommand, dial::dial, tls::Trust},
    event::LinkEvent,
    join::{FIRST_DEADLINE, NoHub, read_password},
    say,
    settings_file::Loaded,
    storage::{Claim, Storage, login_name},
};

/// The connection of a script.
pub(super) struct Session {
    link: Link,
    entering: Entering,
    /// Whether the user knows that the hub is away.
    is_loss_told: bool,
}

/// What is new.
pub(super) enum News {
    /// Nothing that matters.
    None,
    /// The hub says this.
    Frame(Box<ServerFrame>),
    /// The connection is gone, and will come back by itself.
    Lost,
}

impl Session {
    /// Reaches the hub, and says hello soon.
    pub(super) async fn begin(arguments: &Connect, settings: &Loaded) -> Result<Self> {
        let arguments = arguments.clone().or(&settings.config);
        let address = arguments.address()?;
        let password = arguments.password_file.as_deref().map(read_password).transpose()?;
        let trust = Trust::with(arguments.tls_ca.as_deref())?;
        let storage = Storage::of_user()?;
        let dialled = dial(&address, &trust, FIRST_DEADLINE).await;
        let dialled = dialled.map_err(|error| NoHub(error.to_string()))?;
        let hub = dialled.hub.clone();
        let (storage, claim) = be(storage, &hub, arguments.name.as_ref())?;
        let entering = Entering::new(arguments.name, password.is_some());
        let (who, dialled, appointer) = (Who::Claimed(claim), Some(dialled), None);
        let start = Start { address, hub, who, password, trust, dialled, storage, appointer };
        Ok(Self { link: Link::start(start), entering, is_loss_told: false })
    }

    /// The next event of the connection; it is safe to stop waiting for it.
    pub(super) async fn event(&mut self) -> Option<LinkEvent> {
        self.link.events.recv().await
    }

    /// What an event means.
    pub(super) fn hear(&mut self, event: Option<LinkEvent>) -> Result<News, Failure> {
        let Some(event) = event else {
            let broke = "the connection broke by an error of this program";
            return Err(Failure::new(LOST, broke));
        };
        match self.entering.hear(event) {
            Heard::Nothing => {}
            Heard::Frame(frame) => {
                self.greeted(&frame);
                return Ok(News::Frame(frame));
            }
            Heard::Lost => {
                self.tell_loss();
                return Ok(News::Lost);
            }
            Heard::Notice(notice) => complain(&notice),
            Heard::Introduce(name, notice) => {
                complain(&notice);
                self.link.tell(LinkCommand::Introduce(name));
            }
            Heard::Reconnect => {
                self.link.tell(LinkCommand::Reconnect);
                return Ok(News::Lost);
            }
            Heard::Refused(why) => return Err(Failure::new(NOT_LET_IN, why)),
        }
        Ok(News::None)
    }

    /// Sends a frame, if the connection is there.
    pub(super) fn send(&self, frame: ClientFrame) {
        self.link.tell(LinkCommand::Send(frame));
    }

    /// Says goodbye, and what could not be kept.
    pub(super) async fn close(self) {
        if let Some(error) = self.link.close().await {
            complain(&error.to_string());
        }
    }

    fn greeted(&mut self, frame: &ServerFrame) {
        let ServerFrame::Welcome(welcome) = frame else { return };
        self.is_loss_told = false;
        if let Some(notice) = self.entering.renamed(&welcome.name) {
            complain(&notice);
        }
    }

    fn tell_loss(&mut self) {
        if !std::mem::replace(&mut self.is_loss_told, true) {
            complain("the hub is away; waiting for it to come back");
        }
    }
}

/// Who is named, or else who the user was last.
fn be(storage: Storage, hub: &HubId, wanted: Option<&UserName>) -> Result<(Storage, Claim)> {
    let Some(name) = wanted else {
        let login = login_name().context("you have no login name; give one with -n")?;
        let claim = storage.last(hub, &login)?;
        return Ok((storage, claim));
    };
    let storage = storage.for_script();
    let claim = storage.take(hub, name, None)?;
    Ok((storage, claim))
}

/// What a script has to say goes to stderr: stdout is for what was said.
pub(super) fn complain(sentence: &str) {
    say::complain(&format!("hubbub: {sentence}"));
}
