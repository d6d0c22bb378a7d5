//! `hubbub-server operator` and `hubbub-server token`: has a hub do what only whoever runs it may.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Context as _, anyhow, bail};
use protocol::{Addressee, RoomName, Secret, Timestamp, server::Role};
use server::{
    control::{Done, How, NotDone, Order, TokenLine, have_done},
    ledger::TokenHash,
};
use tokio::runtime::Runtime;

use super::{
    cli::{self, At, NewToken, Operator, RevokedToken, Token},
    say,
};

/// What a token begins with, so that whoever finds one knows what it is.
const TOKEN_BEGINS: &str = "hubbub_";

/// Makes somebody an operator, or no more than others.
pub(crate) fn operator(Operator { whom, remove, at }: Operator) -> anyhow::Result<ExitCode> {
    let role = if remove { Role::Member } else { Role::Operator };
    let (done, how) = tell(&Order::Appoint { whom: whom.clone(), role }, at)?;
    match (done, how) {
        (Done::Appointed { name, role: Role::Operator }, _) => {
            say(&format!("{name} is an operator: {name} can announce, in any client{}", since(how)))
        }
        (Done::Appointed { name, role: Role::Member }, _) => {
            say(&format!("{name} is no operator{}", since(how)))
        }
        (Done::Awaited { role: Role::Operator }, How::Running) => say(&format!(
            "{whom} will be an operator when they come for the first time, if that is before the \
             hub stops"
        )),
        (Done::Awaited { .. }, _) => bail!(nobody(&whom)),
        (other, _) => bail!(strange(&other)),
    }
}

/// Makes, lists or revokes tokens.
pub(crate) fn token(token: Token) -> anyhow::Result<ExitCode> {
    match token {
        Token::New(new) => new_token(new),
        Token::List(at) => list(at),
        Token::Revoke(revoked) => revoke(revoked),
    }
}

fn new_token(NewToken { name, rooms, at }: NewToken) -> anyhow::Result<ExitCode> {
    let token = fresh_token()?;
    let order = Order::IssueToken { hash: TokenHash::of(&token), name, rooms };
    let (done, how) = tell(&order, at)?;
    let Done::TokenIssued { token: line } = done else { bail!(strange(&done)) };
    let said = say(&token);
    let revoke = || format!("nobody has the token; hubbub-server token revoke {}", line.name);
    let code = said.with_context(revoke)?;
    explain(&line, how);
    Ok(code)
}

/// Says on stderr how the token is used: stdout has it alone, for scripts.
fn explain(line: &TokenLine, how: How) {
    let TokenLine { name, rooms, .. } = line;
    let room = rooms.first().map_or("lobby", RoomName::as_str);
    let where_to = if rooms.is_empty() {
        "in every public room, and announce".to_owned()
    } else {
        format!("in {}", list_of(rooms))
    };
    // Without stderr there is nobody to tell.
    let _ = writeln!(
        io::stderr(),
        "That is the token of {name}, shown this once; it can post {where_to}{}. Use it so, \
         with the hub's own address:\n  \
         curl -H \"Authorization: Bearer $TOKEN\" -d '{{\"text\":\"hello\"}}' \
         http://localhost:{}/rooms/{room}/messages",
        since(how),
        protocol::DEFAULT_PORT
    );
}

fn list(at: At) -> anyhow::Result<ExitCode> {
    let (done, _) = tell(&Order::ListTokens, at)?;
    let Done::Tokens { tokens } = done else { bail!(strange(&done)) };
    if tokens.is_empty() {
        let _ = writeln!(io::stderr(), "No tokens. Make one with: hubbub-server token new NAME");
        return Ok(ExitCode::SUCCESS);
    }
    let width = tokens.iter().map(|line| line.name.as_str().chars().count()).max();
    let width = width.unwrap_or_default();
    let line = |TokenLine { name, rooms, made }: &TokenLine| {
        let rooms = if rooms.is_empty() { "all rooms".to_owned() } else { list_of(rooms) };
        format!("{:width$}  {}  {rooms}", name.as_str(), day(*made))
    };
    say(&tokens.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn revoke(RevokedToken { name, at }: RevokedToken) -> anyhow::Result<ExitCode> {
    let directory = cli::directory(at.data)?;
    let at = || At { data: Some(directory.clone()) };
    match tell(&Order::RevokeToken { name }, at()) {
        Ok((Done::TokenRevoked { token }, how)) => {
            say(&format!("the token of {} counts no more{}", token.name, since(how)))
        }
        Ok((other, _)) => bail!(strange(&other)),
        Err(why) => match tell(&Order::ListTokens, at()) {
            Ok((Done::Tokens { tokens }, _)) => bail!("{why}{}", those_there_are(&tokens)),
            _ => Err(why),
        },
    }
}

/// Has something done, and says by a suggestion what could be done instead.
fn tell(order: &Order, at: At) -> anyhow::Result<(Done, How)> {
    let directory = cli::directory(at.data)?;
    let runtime = Runtime::new().context("the system has no resources to run")?;
    let done = runtime.block_on(have_done(order, &directory));
    done.map_err(|why| match &why {
        NotDone::Refused(refused) => match &refused.suggest {
            Some(name) => anyhow!("{why}, {name} say"),
            None => why.into(),
        },
        _ => why.into(),
    })
}

fn fresh_token() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|why| anyhow!("the system has no random numbers ({why})"))?;
    Ok(format!("{TOKEN_BEGINS}{}", Secret::from_bytes(bytes).expose()))
}

/// From when on it counts.
fn since(how: How) -> &'static str {
    match how {
        How::Running => "",
        How::Stopped => ", from the hub's next start on",
    }
}

fn list_of(rooms: &[RoomName]) -> String {
    rooms.iter().map(RoomName::as_str).collect::<Vec<_>>().join(", ")
}

fn those_there_are(tokens: &[TokenLine]) -> String {
    let names: Vec<_> = tokens.iter().map(|line| line.name.as_str()).collect();
    if names.is_empty() {
        " (there are none)".to_owned()
    } else {
        format!(" ({})", names.join(", "))
    }
}

fn nobody(whom: &Addressee) -> String {
    format!("{whom} has never been here; let them join once, then name them")
}

fn strange(done: &Done) -> String {
    format!("the hub did something else ({done:?}); is it of another version?")
}

/// The day of a time, as 2026-11-28, by the calendar that began in 1970 (Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
fn day(at: Timestamp) -> String {
    let days = at.0.div_euclid(24 * 60 * 60 * 1000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = [
            (0, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (1_767_225_599_999, "2025-12-31"),
            (1_767_225_600_000, "2026-01-01"),
        ];
        for (at, expected) in days {
            assert_eq!(day(Timestamp(at)), expected);
        }
    }

    #[test]
    fn tokens_are_recognised_and_none_is_like_another() {
        let [one, other] = [fresh_token().unwrap(), fresh_token().unwrap()];
        assert!(one.starts_with("hubbub_") && one.len() == 7 + 43, "{one}");
        assert_ne!(one, other);
    }
}
