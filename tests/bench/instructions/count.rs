//! Counts by running this program under valgrind.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::subject::{Counts, Size, Subject};

/// How many instructions one operation takes.
pub(crate) fn instructions(subject: Subject, size: Size) -> anyhow::Result<u64> {
    let Counts { few, many, each } = subject.counts(size);
    let (less, more) = (all(subject, size, few)?, all(subject, size, many)?);
    let times = ((many - few) * each) as u64;
    Ok(more.checked_sub(less).context("more operations took less")? / times)
}

/// How many instructions a process takes that does it so often.
fn all(subject: Subject, size: Size, count: usize) -> anyhow::Result<u64> {
    let me = std::env::current_exe()?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(me);
    command.args(["run", subject.name(), &size.to_string(), &count.to_string()]);
    let install = "this needs valgrind; install it: apt install valgrind (macOS has none)";
    let output = command.output().context(install)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {said}");
    collected(&said).with_context(|| format!("valgrind has not said how many: {said}"))
}

/// The figure in `==123== Collected : 456`.
fn collected(said: &str) -> Option<u64> {
    let rest = &said[said.find("Collected :")? + "Collected :".len()..];
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_found() {
        let said = "==7== \n==7== Events    : Ir\n==7== Collected : 1234567\n==7== \n";
        assert_eq!(collected(said), Some(1_234_567));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
