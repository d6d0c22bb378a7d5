//! One open connection, from hello to its end.

use std::time::Duration;

use futures::{StreamExt as _, stream::SplitStream};
use protocol::{
    ClientFrame, ErrorCode, RequestId, ServerFrame,
    client::Hello,
    close, codec,
    server::{Bye, ByeReason, ErrorFrame, Welcome},
};
use tokio::{
    sync::mpsc,
    time::{self, Instant},
};
use tokio_tungstenite::tungstenite::{self, Message, protocol::CloseFrame};

use super::{
    Connection, GOODBYE_DEADLINE, LinkCommand, Who,
    dial::{Dialled, Socket},
    ends::{Heard, Incoming, Outgoing, next_command, next_message, text, write_all},
    fault::Fault,
};
use crate::{event::LinkEvent, storage::Elsewhere};

/// After so long without a byte the hub is gone: it pings every 25 s.
const SILENCE_MAX: Duration = Duration::from_secs(55);
/// How long a hub may take to answer hello; it asks nobody, and writes nothing for it.
const GREETING_MAX: Duration = Duration::from_secs(20);
/// Frames between the command queue and the socket: just enough to keep the socket busy.
const OUTGOING_MAX: usize = 8;
/// How this program calls itself.
const AGENT: &str = concat!("hubbub ", env!("CARGO_PKG_VERSION"));
/// The id of every hello, by which its refusal is known.
const HELLO_ID: &str = "hello";

/// How an attempt or a connection ended.
pub(super) enum Ended {
    /// The next attempt is after the back-off.
    Lost,
    /// The user was asked something, and the connection did not wait for the answer.
    AwaitsUser,
    /// Not to be tried again before the user acts.
    Stopped(String),
    /// The program ends.
    ShellGone,
}

/// How far hello has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The user is asked for trust, a name or a password.
    AwaitsUser,
    /// Hello is under way.
    Greeting,
    /// The hub said welcome.
    Live,
}

struct Conversation<'a> {
    connection: &'a mut Connection,
    phase: Phase,
    /// Whether who answers can only be on this machine.
    is_loopback: bool,
    /// Whether the secret may go to whoever answers.
    is_trusted: bool,
    /// When hello was said last.
    greeted_at: Instant,
    /// What the goodbye said.
    goodbye: Option<ByeReason>,
}

impl Connection {
    /// Reads and writes at the same time: a hub whose replies are not read does not read on
    /// itself, so waiting for one before the other could wait for ever.
    pub(super) async fn talk(&mut self, dialled: Dialled) -> Ended {
        let is_loopback = dialled.peer.ip().is_loopback();
        let (sink, mut stream) = dialled.socket.split();
        let (outgoing, queue) = mpsc::channel(OUTGOING_MAX);
        let write = write_all(sink, queue);
        tokio::pin!(write);
        let read = async {
            let mut conversation = Conversation {
                connection: self,
                phase: Phase::AwaitsUser,
                is_loopback,
                is_trusted: false,
                greeted_at: Instant::now(),
                goodbye: None,
            };
            match conversation.begin(&outgoing).await {
                Ok(()) => conversation.go_on(&mut stream, outgoing).await,
                Err(ended) => ended,
            }
        };
        tokio::pin!(read);
        let ended = tokio::select! {
            ended = &mut read => ended,
            // The last words of the hub may still be unread.
            _ = &mut write => return read.await,
        };
        if matches!(ended, Ended::ShellGone) {
            let _ = time::timeout(GOODBYE_DEADLINE, write).await; // It may be gone already.
        }
        ended
    }
}

impl Conversation<'_> {
    /// Asks the user or says hello.
    async fn begin(&mut self, outgoing: &mpsc::Sender<Message>) -> Result<(), Ended> {
        if !self.is_trusted
            && let Some(event) = self.question_of_trust()?
        {
            return self.emit(event).await;
        }
        self.is_trusted = true;
        self.introduce(outgoing).await
    }

    /// No secret goes to a known hub at a new address before the user agrees: anybody on the
    /// network can claim an id. On this machine that is asked only where TLS would be lost.
    fn question_of_trust(&self) -> Result<Option<LinkEvent>, Ended> {
        let connection = &self.connection;
        let here = connection.address.to_string();
        let elsewhere = connection.storage.known_elsewhere(&connection.hub, &here);
        let elsewhere = elsewhere.map_err(|error| Ended::Stopped(error.to_string()))?;
        let name = match &connection.who {
            Who::Claimed(claim) => claim.name.clone(),
            Who::Ask { tried, .. } => tried.clone(),
        };
        let elsewhere = elsewhere.filter(|known| !self.is_loopback || known.loses_tls);
        Ok(elsewhere.map(|Elsewhere { known_as, loses_tls }| LinkEvent::ConfirmHub {
            known_as,
            loses_tls,
            name,
        }))
    }

    async fn introduce(&mut self, outgoing: &mpsc::Sender<Message>) -> Result<(), Ended> {
        let (name, secret, identity) = match &self.connection.who {
            Who::Claimed(claim) => {
                (claim.name.clone(), claim.secret.clone(), claim.identity.clone())
            }
            Who::Ask { tried, suggest } => {
                let (tried, suggest) = (tried.clone(), suggest.clone());
                return self.emit(LinkEvent::NeedsName { tried, suggest }).await;
            }
        };
        self.connection.tell_who().await.map_err(|_| Ended::ShellGone)?;
        if let Some(appointer) = &self.connection.appointer {
            appointer.appoint(&identity).await;
        }
        (self.phase, self.greeted_at) = (Phase::Greeting, Instant::now());
        let hello = ClientFrame::Hello(Hello {
            id: RequestId::parse(HELLO_ID).ok(),
            name: name.clone(),
            secret: Some(secret),
            password: self.connection.password.clone(),
            agent: Some(AGENT.to_owned()),
        });
        // It fails only when the writer has ended, and then reading will end too.
        let _ = outgoing.send(text(&hello)).await;
        self.emit(LinkEvent::Introduced { name }).await
    }

    async fn go_on(
        &mut self,
        stream: &mut SplitStream<Socket>,
        outgoing: mpsc::Sender<Message>,
    ) -> Ended {
        let events = self.connection.events.clone();
        let mut silent_at = Instant::now() + SILENCE_MAX;
        loop {
            let outcome = tokio::select! {
                // What the shell said before it went is done before anybody notices that.
                biased;
                told = next_command(&mut self.connection.commands, &outgoing) => {
                    let Some((permit, command)) = told else { return Ended::ShellGone };
                    self.follow(command, permit, &outgoing).await
                }
                heard = next_message(&events, stream) => {
                    silent_at = Instant::now() + SILENCE_MAX;
                    self.hear(heard)
                }
                () = time::sleep_until(silent_at) => Err(self.lost()),
                () = time::sleep_until(self.greeted_at + GREETING_MAX), if self.is_greeting() => {
                    Err(self.unanswered().await)
                }
                () = self.connection.reset.notified() => Err(Ended::Lost),
            };
            if let Err(ended) = outcome {
                return ended;
            }
        }
    }

    async fn follow(
        &mut self,
        command: LinkCommand,
        permit: Outgoing<'_>,
        outgoing: &mpsc::Sender<Message>,
    ) -> Result<(), Ended> {
        match command {
            LinkCommand::Send(frame) if self.phase == Phase::Live => permit.send(text(&frame)),
            // The state learns of the loss, or waits for the welcome, and then sends it again.
            LinkCommand::Send(_) => {}
            LinkCommand::Introduce(_)
            | LinkCommand::Password(_)
            | LinkCommand::ConfirmHub(true) => {
                drop(permit);
                self.is_trusted |= matches!(command, LinkCommand::ConfirmHub(true));
                self.connection.while_away(command);
                self.begin(outgoing).await?;
            }
            LinkCommand::Reconnect if self.phase == Phase::Live => {}
            LinkCommand::Reconnect | LinkCommand::HangUp => return Err(Ended::Lost),
            LinkCommand::Disconnect => return Err(Ended::AwaitsUser),
            LinkCommand::ConfirmHub(false)
            | LinkCommand::AlsoKnownAs(_)
            | LinkCommand::RememberRooms { .. }
            | LinkCommand::KeepIgnored { .. } => {
                self.connection.while_away(command);
            }
        }
        Ok(())
    }

    fn hear(&mut self, heard: Option<(Incoming<'_>, Heard)>) -> Result<(), Ended> {
        let Some((permit, heard)) = heard else { return Err(Ended::ShellGone) };
        match heard {
            Some(Ok(Message::Text(json))) => self.hear_frame(&json, permit),
            Some(Ok(Message::Close(frame))) => self.hear_close(frame.as_ref()),
            Some(Ok(Message::Binary(_))) => Err(self.stop_for(Fault::Binary, permit)),
            // Pings are answered below us.
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(self.fail(&error, permit)),
            None => Err(self.lost()),
        }
    }

    /// A connection that broke is tried again; one on which nonsense came would bring it again.
    fn fail(&self, error: &tungstenite::Error, permit: Incoming<'_>) -> Ended {
        match Fault::of_socket(error) {
            Some(fault) => self.stop_for(fault, permit),
            None => self.lost(),
        }
    }

    /// Tells what came, and stays away: after a return the hub would send the same again.
    fn stop_for(&self, fault: Fault, permit: Incoming<'_>) -> Ended {
        permit.send(LinkEvent::Trouble { why: fault.to_string() });
        let address = &self.connection.address;
        Ended::Stopped(format!("{address} sends what is not hubbub's protocol"))
    }

    fn is_greeting(&self) -> bool {
        self.phase == Phase::Greeting
    }

    /// Nobody answers hello, though the connection may live.
    async fn unanswered(&self) -> Ended {
        let why = format!("{} does not answer; it is tried again", self.connection.address);
        self.emit(LinkEvent::Trouble { why }).await.err().unwrap_or(Ended::Lost)
    }

    fn hear_frame(&mut self, json: &str, permit: Incoming<'_>) -> Result<(), Ended> {
        let frame = match codec::decode_server(json) {
            Ok(frame) => frame,
            // A newer hub may say what this client does not know; it is not meant for it then.
            Err(error) if error.refusal.code == ErrorCode::UnknownType => return Ok(()),
            // To go on without it would be to wait for an answer that has come already, and to
            // miss what was said.
            Err(error) => return Err(self.stop_for(Fault::Frame(error.refusal.code), permit)),
        };
        match &frame {
            ServerFrame::Welcome(welcome) => self.hear_welcome(welcome)?,
            ServerFrame::Bye(bye) => self.hear_bye(bye),
            // Who was not let in is told of nothing but of that.
            frame if !self.is_meant_for_us(frame) => return Ok(()),
            ServerFrame::Error(error) => {
                // Told in any case: why the hub is tried again later, too.
                let heard = self.hear_error(error);
                permit.send(LinkEvent::Frame(Box::new(frame)));
                return heard;
            }
            _ => {}
        }
        permit.send(LinkEvent::Frame(Box::new(frame)));
        Ok(())
    }

    /// Before a hello nothing is, and before its answer only that.
    fn is_meant_for_us(&self, frame: &ServerFrame) -> bool {
        match self.phase {
            Phase::AwaitsUser => false,
            Phase::Greeting => matches!(frame, ServerFrame::Error(_)),
            Phase::Live => true,
        }
    }

    /// A welcome without a hello comes from nobody who can be trusted.
    fn hear_welcome(&mut self, welcome: &Welcome) -> Result<(), Ended> {
        if self.phase != Phase::Greeting {
            let why = format!("what answers at {} is not a hubbub", self.connection.address);
            return Err(Ended::Stopped(why));
        }
        self.phase = Phase::Live;
        let connection = &mut *self.connection;
        if let Who::Claimed(claim) = &mut connection.who {
            let here = connection.address.to_string();
            let kept = connection.storage.welcomed(&connection.hub, &here, claim, &welcome.name);
            claim.name = welcome.name.clone();
            connection.could_not_keep(kept);
        }
        Ok(())
    }

    fn hear_bye(&mut self, bye: &Bye) {
        self.goodbye = Some(bye.reason);
        if bye.reason == ByeReason::Idle {
            self.phase = Phase::AwaitsUser;
        }
        if let Some(wait) = bye.retry_after_ms {
            self.connection.back_off.wait_at_least(Duration::from_millis(wait));
        }
    }

    /// A refused hello is the user's business, unless waiting will do.
    fn hear_error(&mut self, error: &ErrorFrame) -> Result<(), Ended> {
        let is_hello = error.id.as_ref().is_some_and(|id| id.as_str() == HELLO_ID);
        if self.phase != Phase::Greeting || !is_hello {
            return Ok(());
        }
        if let Some(wait) = error.retry_after_ms {
            self.connection.back_off.wait_at_least(Duration::from_millis(wait));
            return Err(Ended::Lost);
        }
        if error.code == ErrorCode::PasswordRequired {
            self.connection.password = None;
        }
        self.phase = Phase::AwaitsUser;
        Ok(())
    }

    fn hear_close(&mut self, frame: Option<&CloseFrame>) -> Result<(), Ended> {
        let is_forbidden = frame.is_some_and(|frame| u16::from(frame.code) == close::FORBIDDEN);
        if !is_forbidden {
            return Err(self.lost());
        }
        let why = match self.goodbye {
            Some(ByeReason::Banned) => "you were banned from this hub",
            _ => "an operator removed you; /reconnect to come back",
        };
        Err(Ended::Stopped(why.to_owned()))
    }

    /// While the user thinks, the hub hangs up after 10 s: no news for anybody.
    fn lost(&self) -> Ended {
        match self.phase {
            Phase::AwaitsUser => Ended::AwaitsUser,
            Phase::Greeting | Phase::Live => Ended::Lost,
        }
    }

    async fn emit(&self, event: LinkEvent) -> Result<(), Ended> {
        self.connection.emit(event).await.map_err(|_| Ended::ShellGone)
    }
}
