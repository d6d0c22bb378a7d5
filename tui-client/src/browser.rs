//! The user's browser, for links: which program to ask, and asking it. It gets the address as one
//! argument, without a shell, and no terminal: nothing that it says is drawn over our screen.

use std::{env, io, os::unix::process::CommandExt as _, process::Stdio};

use tokio::{
    process::{Child, Command},
    task::JoinSet,
};

use crate::{event::Event, hyperlink::is_web};

/// Browsers at work, until each has said whether it could open its address.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    asked: JoinSet<Option<Event>>,
}

impl Browsers {
    /// Asks for this address to be opened. What is told at once: that nothing can.
    pub(crate) fn open(&mut self, address: &str) -> Option<Event> {
        let found = candidates(address, |name| env::var(name).ok(), cfg!(target_os = "macos"));
        match found.and_then(|candidates| start(&candidates)) {
            Ok((name, child)) => {
                self.asked.spawn(wait(child, name, address.to_owned()));
                None
            }
            Err(why) => Some(Event::NotOpened { address: address.to_owned(), why }),
        }
    }

    /// Waits until one of them has failed.
    pub(crate) async fn failed(&mut self) -> Event {
        loop {
            match self.asked.join_next().await {
                Some(Ok(Some(event))) => return event,
                Some(_) => {}
                None => return std::future::pending().await,
            }
        }
    }
}

/// Programs to try with their arguments, the best first; or in a few words why there is none.
fn candidates(
    address: &str,
    variable: impl Fn(&str) -> Option<String>,
    is_macos: bool,
) -> Result<Vec<Vec<String>>, String> {
    if !is_web(address) {
        return Err("only http and https are opened".into());
    }
    let value = |name| variable(name).filter(|value| !value.trim().is_empty());
    let is_set = |name| value(name).is_some();
    let named = value("BROWSER").unwrap_or_default();
    let mut found: Vec<Vec<String>> =
        named.split(':').map(|command| with_address(command, address)).collect();
    found.retain(|words| words.len() > 1);
    // A window that opens at the other end is of no use.
    let is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    let own = if is_remote {
        None
    } else if is_macos {
        Some("open")
    } else if is_set("WSL_DISTRO_NAME") {
        Some("wslview")
    } else {
        Some("xdg-open").filter(|_| is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
    };
    found.extend(own.map(|program| vec![program.to_owned(), address.to_owned()]));
    match (found.is_empty(), is_remote) {
        (false, _) => Ok(found),
        (true, true) => Err("over SSH no browser can be opened".into()),
        (true, false) => Err("no browser can be opened here".into()),
    }
}

/// The words of a command of `$BROWSER`, the address in place of `%s` or behind them.
fn with_address(command: &str, address: &str) -> Vec<String> {
    let words = command.split_whitespace();
    let mut words: Vec<String> = words.map(|word| word.replace("%s", address)).collect();
    if !command.contains("%s") && !words.is_empty() {
        words.push(address.to_owned());
    }
    words
}

/// Starts the first one that is there.
fn start(candidates: &[Vec<String>]) -> Result<(String, Child), String> {
    let mut why = "no browser can be opened here".to_owned();
    for words in candidates {
        let Some((program, arguments)) = words.split_first() else { continue };
        match spawn(program, arguments) {
            Ok(child) => return Ok((program.clone(), child)),
            Err(error) => why = not_started(program, &error),
        }
    }
    Err(why)
}

/// In a process group of its own, so that Ctrl+Z stops us and not a browser.
fn spawn(program: &str, arguments: &[String]) -> io::Result<Child> {
    let mut command = std::process::Command::new(program);
    command.args(arguments).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Command::from(command).spawn()
}

fn not_started(program: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {program} here"),
        _ => format!("{program} can't be started: {error}"),
    }
}

/// Waits for its end, however long it stays: nobody else would.
async fn wait(mut child: Child, name: String, address: String) -> Option<Event> {
    let why = match child.wait().await {
        Ok(status) if status.success() => return None,
        Ok(status) => format!("{name} failed: {status}"),
        Err(error) => format!("{name} failed: {error}"),
    };
    Some(Event::NotOpened { address, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://a.example/?q=$(touch%20x);b";

    fn with(variables: &[(&str, &str)], is_macos: bool) -> Result<Vec<Vec<String>>, String> {
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        candidates(ADDRESS, value, is_macos)
    }

    #[test]
    fn each_platform_has_its_program() {
        let program = |found: Result<Vec<Vec<String>>, String>| found.unwrap()[0][0].clone();
        assert_eq!(program(with(&[], true)), "open");
        assert_eq!(program(with(&[("DISPLAY", ":0")], false)), "xdg-open");
        assert_eq!(program(with(&[("WAYLAND_DISPLAY", "wayland-0")], false)), "xdg-open");
        assert_eq!(program(with(&[("WSL_DISTRO_NAME", "Debian")], false)), "wslview");
    }

    #[test]
    fn over_ssh_or_without_windows_there_is_none_but_that_of_the_user() {
        let why = with(&[("SSH_TTY", "/dev/pts/0"), ("DISPLAY", ":10")], false);
        assert_eq!(why.unwrap_err(), "over SSH no browser can be opened");
        assert_eq!(with(&[], false).unwrap_err(), "no browser can be opened here");
        let found = with(&[("SSH_TTY", "/dev/pts/0"), ("BROWSER", "code --openExternal")], false);
        assert_eq!(found.unwrap(), [["code", "--openExternal", ADDRESS]]);
    }

    #[test]
    fn the_users_browsers_come_first_and_each_gets_the_address_as_one_argument() {
        let found = with(&[("BROWSER", "firefox: :w3m -o x=%s -b"), ("DISPLAY", ":0")], false);
        let expected: [&[&str]; 3] = [
            &["firefox", ADDRESS],
            &["w3m", "-o", &format!("x={ADDRESS}"), "-b"],
            &["xdg-open", ADDRESS],
        ];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn nothing_but_the_web_is_opened() {
        for address in ["file:///etc/passwd", "-a", "javascript:x", "", "mailto:a@b.example"] {
            assert!(candidates(address, |_| Some("x".into()), false).is_err(), "{address}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let words = vec![vec!["no-such-browser".to_owned(), ADDRESS.to_owned()]];
        assert_eq!(start(&words).unwrap_err(), "there is no no-such-browser here");
    }
}
