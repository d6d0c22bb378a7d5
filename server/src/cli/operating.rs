//! What whoever runs a hub tells it on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use protocol::{Addressee, Refusal, RoomName, UserName};

/// Whom to make an operator.
#[derive(Debug, Args)]
pub(crate) struct Operator {
    /// What they are called on the hub, or their identity (~ and 32 hex digits).
    #[arg(value_name = "NAME", value_parser = whom)]
    pub(crate) whom: Addressee,
    /// Take back what they could do more than others.
    #[arg(long)]
    pub(crate) remove: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

/// What to do about tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token, and print it on stdout: once, for only its hash is kept.
    New(NewToken),
    /// List the tokens: name, rooms, since when.
    List(At),
    /// Let a token count no more, from this moment on.
    Revoke(RevokedToken),
}

/// A token to be made.
#[derive(Debug, Args)]
pub(crate) struct NewToken {
    /// What the program is called that posts with it.
    #[arg(value_name = "NAME", value_parser = name)]
    pub(crate) name: UserName,
    /// Where it may post, as often as there are rooms [default: in every room, and announce].
    #[arg(long = "room", value_name = "ROOM", value_parser = room)]
    pub(crate) rooms: Vec<RoomName>,
    #[command(flatten)]
    pub(crate) at: At,
}

/// A token that is to count no more.
#[derive(Debug, Args)]
pub(crate) struct RevokedToken {
    /// What it is called.
    #[arg(value_name = "NAME", value_parser = name)]
    pub(crate) name: UserName,
    #[command(flatten)]
    pub(crate) at: At,
}

/// Which hub is meant; it may run or not.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// Where the hub's log is [default: the user's data directory].
    #[arg(long, value_name = "DIR", env = "HUBBUB_DATA")]
    pub(crate) data: Option<PathBuf>,
}

fn whom(text: &str) -> Result<Addressee, String> {
    Addressee::parse(text).map_err(sentence)
}

fn name(text: &str) -> Result<UserName, String> {
    UserName::parse(text).map_err(sentence)
}

fn room(text: &str) -> Result<RoomName, String> {
    RoomName::parse(text).map_err(sentence)
}

/// The codes are for programs.
fn sentence(why: Refusal) -> String {
    why.text
}
