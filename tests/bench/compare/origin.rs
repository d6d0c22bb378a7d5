//! Where figures are from: when, of which commit, on what machine.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};

/// What is written down does not count as a change.
const WRITTEN: [&str; 2] =
    [":(top,exclude)tests/RESULTS.md", ":(top,exclude)tests/bench/curve.svg"];

/// One line that says it.
pub(crate) fn line(runs: usize) -> anyhow::Result<String> {
    let date = said("date", &["-u", "+%F"])?;
    let commit = said("git", &["rev-parse", "--short", "HEAD"])?;
    let changes = said("git", &[&["status", "--porcelain", "--", ":/"][..], &WRITTEN].concat())?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = super::server::available_cores();
    Ok(format!(
        "{date}, commit {commit}{}, {}, {}, Linux {}.",
        if changes.is_empty() { "" } else { " with changes" },
        counted(runs, "run"),
        counted(cores, "core"),
        kernel.trim()
    ))
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// What a program prints, asked beside the sources.
fn said(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!((counted(1, "run"), counted(2, "run")), ("1 run".into(), "2 runs".into()));
    }
}
