//! The user's own editor, as a child that has the terminal. The draft goes to it in a private
//! file, which is gone afterwards unless it holds what is nowhere else.

use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time,
};

use crate::{
    composer::draft::DRAFT_BYTES_MAX,
    storage::{owned_directory, state_directory},
};

/// Where the user has named none.
const FALLBACK: &str = "vi";
/// What a shell says of a program that it does not find.
const NOT_FOUND: i32 = 127;
/// How long an editor that was told to end has for that.
const END_TAKES: Duration = Duration::from_secs(1);

/// An editor with a draft.
pub(crate) struct Editor {
    child: Child,
    /// As the user named it.
    command: String,
    file: PathBuf,
    before: String,
}

impl Editor {
    /// Starts `$VISUAL`, `$EDITOR` or `vi` on this text. One sentence why not.
    pub(crate) fn start(text: &str) -> Result<Self, String> {
        let command = named().unwrap_or_else(|| FALLBACK.into());
        let file = write(text).map_err(|why| format!("the draft can't be put in a file: {why}"))?;
        let started = Command::new("sh").args(["-c", &script(&command), "sh"]).arg(&file).spawn();
        match started {
            Ok(child) => Ok(Self { child, command, file, before: text.to_owned() }),
            Err(error) => {
                forget(&file);
                Err(format!("{command} can't be started: {error}"))
            }
        }
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends it: this program has to end.
    pub(crate) async fn end(&mut self) -> io::Result<ExitStatus> {
        let id = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(id) = id {
            let _ = kill_process(id, Signal::TERM); // It may have ended just now.
        }
        if let Ok(status) = time::timeout(END_TAKES, self.child.wait()).await {
            return status;
        }
        self.child.kill().await?;
        self.child.wait().await
    }

    /// What it left, or one sentence why the draft stays as it was.
    pub(crate) fn outcome(self, status: io::Result<ExitStatus>) -> Result<String, String> {
        let left = fs::read(&self.file);
        let is_kept = left.as_ref().is_ok_and(|left| left != self.before.as_bytes());
        let outcome = judge(&self.command, status, left);
        if outcome.is_ok() || !is_kept {
            forget(&self.file);
            return outcome;
        }
        outcome.map_err(|why| format!("{}; {why}", kept_in(&self.file)))
    }
}

/// What makes a shell start it, which splits it: `code --wait` is a program and an argument. The
/// shell becomes the editor, where it can, so that signals find that.
fn script(command: &str) -> String {
    let sets_variable = command.split_whitespace().next().is_some_and(|word| word.contains('='));
    let exec = if sets_variable { "" } else { "exec " };
    format!("{exec}{command} \"$@\"")
}

fn judge(
    command: &str,
    status: io::Result<ExitStatus>,
    left: io::Result<Vec<u8>>,
) -> Result<String, String> {
    match status {
        Ok(status) if status.success() => {}
        Ok(status) if status.code() == Some(NOT_FOUND) => {
            return Err(format!("there is no {command}; set EDITOR to the editor that you use"));
        }
        Ok(status) => return Err(format!("the editor failed: {status}; the draft is as it was")),
        Err(error) => return Err(format!("{command} can't be waited for: {error}")),
    }
    let left = left.map_err(|error| format!("what {command} left can't be read: {error}"))?;
    if left.len() > DRAFT_BYTES_MAX {
        return Err(format!("too long for a draft, which has at most {DRAFT_BYTES_MAX} bytes"));
    }
    String::from_utf8(left).map_err(|_| format!("what {command} left is not UTF-8"))
}

/// The editor that the user has named.
fn named() -> Option<String> {
    let named = |variable| env::var(variable).ok().filter(|named| !named.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR"))
}

/// A new file that only this user can read. Its name is no other's, however many editors are open.
fn write(text: &str) -> Result<PathBuf, String> {
    let directory = state_directory().map_err(|error| error.to_string())?;
    owned_directory(&directory).map_err(|error| error.to_string())?;
    let path = directory.join(format!("draft-{:08x}.md", fastrand::u32(..)));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            forget(&path);
            Err(error.to_string())
        }
    }
}

/// First, so that it is seen in a narrow window too.
fn kept_in(file: &Path) -> String {
    let home = env::home_dir();
    let at_home = home.as_ref().and_then(|home| file.strip_prefix(home).ok());
    match at_home {
        Some(file) => format!("see ~/{}", file.display()),
        None => format!("see {}", file.display()),
    }
}

fn forget(file: &Path) {
    let _ = fs::remove_file(file); // The editor may have done it.
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn ended(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    #[test]
    fn a_shell_becomes_the_editor_where_it_can() {
        assert_eq!(script("code --wait"), "exec code --wait \"$@\"");
        assert_eq!(script("LANG=C vi"), "LANG=C vi \"$@\"");
    }

    #[test]
    fn each_failure_is_one_sentence() {
        let of = |code, left: &[u8]| judge("ed", Ok(ended(code)), Ok(left.to_vec()));
        assert_eq!(of(0, b"text"), Ok("text".into()));
        let why = |outcome: Result<String, String>| outcome.unwrap_err();
        assert_eq!(why(of(127, b"")), "there is no ed; set EDITOR to the editor that you use");
        assert_eq!(why(of(1, b"x")), "the editor failed: exit status: 1; the draft is as it was");
        assert_eq!(why(of(0, b"\xff")), "what ed left is not UTF-8");
        let long = vec![b'x'; DRAFT_BYTES_MAX + 1];
        assert!(why(of(0, &long)).starts_with("too long for a draft"));
    }
}
