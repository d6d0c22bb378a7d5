//! Commands about people, oneself among them.

use protocol::{
    ClientFrame, MessageText, Note, PageLimit, UserName,
    client::{Away, Name, Who},
};

use crate::{
    effect::Effect,
    event::Now,
    place::Place,
    request::Wants,
    state::State,
    update::{places, sending},
};

/// `/name NAME`
pub(super) fn name(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let name = parse_name("/name NAME", text)?;
    state.ask(Wants::Name, format!("/name {text}"), now, |id| {
        ClientFrame::Name(Name { id: Some(id), name })
    })
}

/// `/msg NAME [TEXT]`
pub(super) fn msg(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let (name, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = parse_name("/msg NAME TEXT", name.trim_start_matches('@'))?;
    if state.me.as_ref().is_some_and(|me| me.name.key() == name.key()) {
        return Err("that is you; choose somebody else".into());
    }
    let words = words.trim();
    if words.is_empty() {
        return Ok(places::open_private(state, &name));
    }
    let text = MessageText::parse(words).map_err(|refusal| refusal.text)?;
    let place = places::private(state, &name).map_or(Place::Peer(name.clone()), Clone::clone);
    let line = format!("/msg {name} {words}");
    sending::queue(state, &place, vec![text], line, None, now)?;
    state.separator.answer(format!("to {name} (private): {words}"));
    Ok(Vec::new())
}

/// `/who`
pub(super) fn who(state: &mut State, _: &str, now: Now) -> Result<Vec<Effect>, String> {
    let Some(room) = state.room().place.room().cloned() else {
        return Err("nothing was said here yet; /whois NAME asks about one person".into());
    };
    state.ask(Wants::Who, String::new(), now, |id| {
        let limit = Some(PageLimit::MAX);
        ClientFrame::Who(Who { id: Some(id), room: Some(room), name: None, after: None, limit })
    })
}

/// `/whois NAME`
pub(super) fn whois(state: &mut State, text: &str, now: Now) -> Result<Vec<Effect>, String> {
    let name = parse_name("/whois NAME", text)?;
    let wants = Wants::Whois { name: name.clone() };
    state.ask(wants, format!("/whois {text}"), now, |id| {
        ClientFrame::Who(Who {
            id: Some(id),
            room: None,
            name: Some(name),
            after: None,
            limit: None,
        })
    })
}

/// `/away [TEXT]`
pub(super) fn away(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    let note = match text {
        "" => None,
        text => Some(Note::parse(text).map_err(|refusal| refusal.text)?),
    };
    let answer = match &note {
        None => "you are back".into(),
        Some(note) => format!("you are away: {note}; /away alone when you are back"),
    };
    state.separator.answer(answer);
    state.away.clone_from(&note);
    // Offline it is kept, and told with the next welcome.
    let frame = ClientFrame::Away(Away { id: None, text: note });
    Ok(if state.link.is_live() { vec![Effect::Send(frame)] } else { Vec::new() })
}

pub(super) fn parse_name(usage: &str, text: &str) -> Result<UserName, String> {
    if text.is_empty() {
        return Err(format!("a name is missing: {usage}"));
    }
    UserName::parse(text).map_err(|refusal| refusal.text)
}
