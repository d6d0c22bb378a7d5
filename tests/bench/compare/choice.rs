//! What the arguments choose.

use anyhow::{Context as _, bail};

use super::{measure::Kind, peers::Peer};

/// Runs of each kind and peer, of which the median counts.
const RUNS: usize = 5;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) runs: usize,
    /// Whether the results are written down beside the sources.
    pub(crate) write: bool,
}

impl Choice {
    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let peers = Peer::ALL.to_vec();
        let mut choice = Self { kinds: Vec::new(), peers, runs: RUNS, write: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--runs" => choice.runs = arguments.next().context("--runs N")?.parse()?,
                "--only" => choice.peers = peers_named(arguments.next().context("--only NAMES")?)?,
                "--write" => choice.write = true,
                kind => choice.kinds.push(kind_named(kind)?),
            }
        }
        if choice.kinds.is_empty() {
            choice.kinds = Kind::ALL.to_vec();
        }
        Ok(choice)
    }
}

fn kind_named(name: &str) -> anyhow::Result<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    found.with_context(|| format!("{name} is not measured; {}", names(Kind::ALL.map(Kind::name))))
}

/// Every peer whose name begins like one of these, `hub` being both of ours.
fn peers_named(list: &str) -> anyhow::Result<Vec<Peer>> {
    let mut found = Vec::new();
    for start in list.split(',') {
        let before = found.len();
        found.extend(Peer::ALL.into_iter().filter(|peer| peer.name().starts_with(start)));
        if found.len() == before {
            bail!("there is no peer {start}; {}", names(Peer::ALL.map(Peer::name)));
        }
    }
    Ok(found)
}

fn names<const N: usize>(names: [&str; N]) -> String {
    format!("choose from: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Choice> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Choice::parse(&words)
    }

    #[test]
    fn without_arguments_everything_is_measured() {
        let choice = parse("").expect("nothing is allowed");
        assert_eq!((choice.kinds, choice.peers), (Kind::ALL.to_vec(), Peer::ALL.to_vec()));
        assert!(!choice.write);
    }

    #[test]
    fn kinds_and_peers_can_be_chosen() {
        let choice = parse("fanout --only hub,bare --runs 3 --write").expect("known words");
        assert_eq!(choice.kinds, [Kind::Fanout]);
        assert_eq!(choice.peers, [Peer::HubDurable, Peer::HubMemory, Peer::Floor]);
        assert_eq!((choice.runs, choice.write), (3, true));
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(parse("speed").is_err());
        assert!(parse("--only nobody").is_err());
        assert!(parse("--runs").is_err());
    }
}
