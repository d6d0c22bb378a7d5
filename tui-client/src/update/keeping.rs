//! Handing what was typed to the disk, and what follows from its answer.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    composer::About,
    effect::Effect,
    event::Now,
    keeping::{AGAIN_AFTER, Drafts, Restored, Wish, Written},
    outbox::{Kept, Note},
    place::Place,
    state::State,
    update::{leaving, places},
};

/// What has to be written now, in one piece: a crash leaves all of it or nothing.
pub(super) fn keep(state: &mut State, now: Now) -> Option<Effect> {
    state.keeping.owner.as_ref()?;
    state.keeping.again_at.take_if(|at| *at <= now.mono);
    let is_asked = state.keeping.is_urgent || state.keeping.has_wishes();
    if state.keeping.again_at.is_some() && !is_asked {
        return None;
    }
    let mut notes = state.keeping.wished();
    let happened = state.outbox.take_notes();
    notes.extend_from_slice(&happened);
    let before = state.keeping.drafts.clone();
    if is_time_for_drafts(state, now) || !notes.iter().all(Note::may_be_undone) {
        notes.extend(changed_drafts(state));
    }
    if notes.is_empty() {
        return None;
    }
    state.keeping.handed_over(happened, before);
    Some(Effect::Keep(notes))
}

/// It is on disk, so it may happen.
pub(super) fn kept(state: &mut State) -> Vec<Effect> {
    state.keeping.is_told = false;
    state.keeping.again_at = None;
    let mut effects = Vec::new();
    let written = state.keeping.answered();
    state.outbox.kept(&written.notes);
    for wish in written.wishes {
        match wish {
            Wish::Send { messages, .. } => state.outbox.extend(messages),
            Wish::Retry(ids) => state.outbox.retry(ids),
            Wish::GiveUp(ids) => given_up(state, &ids),
            Wish::Leave { place, ids } => {
                given_up(state, &ids);
                effects.extend(places::leave(state, &place));
            }
        }
    }
    effects
}

/// It is not on disk, so it did not happen; what did is written later.
pub(super) fn not_kept(state: &mut State, why: &str, now: Now) {
    let Written { wishes, notes, drafts } = state.keeping.answered();
    state.outbox.not_kept(notes);
    state.keeping.drafts = drafts;
    state.keeping.again_at = Some(now.mono + AGAIN_AFTER);
    let was_told = std::mem::replace(&mut state.keeping.is_told, true);
    if wishes.is_empty() && !was_told {
        state.separator.error(format!("what you write is not kept: {why}"));
    }
    for wish in wishes {
        let what = if matches!(wish, Wish::Send { .. }) { "sent" } else { "done" };
        state.separator.error(format!("not {what}, for it could be lost: {why}"));
        if let Wish::Send { line, from, messages } = wish {
            let shown = state.room().place.clone();
            state.composer.put_back(&from, &line, &shown);
            let answered = messages.first().and_then(|first| first.reply_to);
            // A command says itself what it answers.
            if let Some(seq) = answered.filter(|_| !line.starts_with("/reply ")) {
                state.composer.about.entry(from).or_insert(About::Reply(seq));
            }
        }
    }
}

/// What is on disk of who one is now.
pub(super) fn restored(state: &mut State, restored: Restored) {
    let Restored { owner, kept, notice } = restored;
    if state.keeping.owner.as_ref().is_some_and(|before| *before != owner) {
        let left = state.outbox.clear();
        if left > 0 {
            let left = leaving::counted(left);
            state.separator.error(format!("not sent under this name: {left} of the one before"));
        }
    }
    state.keeping.owner = Some(owner);
    let Kept { messages, drafts, replies } = kept;
    // What is for everyone is shown in every room.
    for message in messages.iter().filter(|message| !message.is_to_all()) {
        open_for(state, &message.place);
    }
    state.outbox.extend(messages);
    let shown = state.room().place.clone();
    for (place, text) in &drafts {
        if place.room().is_none() {
            open_for(state, place);
        }
        state.composer.put_back(place, text, &shown);
    }
    for (place, seq) in &replies {
        state.composer.about.entry(place.clone()).or_insert(About::Reply(*seq));
    }
    state.keeping.drafts = Drafts { texts: drafts, replies };
    if let Some(notice) = notice {
        state.separator.error(notice);
    }
}

fn given_up(state: &mut State, ids: &[protocol::RequestId]) {
    for id in ids {
        if let Some(message) = state.outbox.remove(id) {
            state.composer.history.push(&message.line());
        }
    }
}

fn open_for(state: &mut State, place: &Place) {
    if places::index_of(state, place).is_none() {
        places::open(state, place.clone());
    }
}

fn is_time_for_drafts(state: &mut State, now: Now) -> bool {
    if !have_drafts_changed(state) {
        state.keeping.changed_since = None;
        return false;
    }
    state.keeping.changed_since.get_or_insert(now.mono);
    state.keeping.is_urgent || state.keeping.draft_deadline().is_some_and(|due| due <= now.mono)
}

fn have_drafts_changed(state: &State) -> bool {
    let drafts = written(state);
    let Drafts { texts, replies } = &state.keeping.drafts;
    let is_known =
        |(place, text): (&&Place, &Cow<'_, str>)| texts.get(*place).is_some_and(|k| k == text);
    let answered = drafts.keys().filter_map(|place| state.composer.reply_to(place));
    drafts.len() != texts.len()
        || !drafts.iter().all(is_known)
        || !answered.eq(replies.values().copied())
}

/// All that is being written, with the new words of messages that the hub has not answered yet: a
/// crash does not take them along.
fn written(state: &State) -> BTreeMap<&Place, Cow<'_, str>> {
    let mut drafts = state.composer.drafts(&state.room().place);
    for (place, line) in state.requests.edits() {
        let draft = drafts.entry(place).or_default();
        *draft = if draft.is_empty() { line.into() } else { format!("{line}\n{draft}").into() };
    }
    drafts
}

/// The drafts that are not as they were handed over last; they are from now on.
fn changed_drafts(state: &mut State) -> Vec<Note> {
    let texts: BTreeMap<Place, String> = written(state)
        .into_iter()
        .map(|(place, text)| (place.clone(), text.into_owned()))
        .collect();
    let reply = |place: &Place| Some((place.clone(), state.composer.reply_to(place)?));
    let replies = texts.keys().filter_map(reply).collect();
    let before = std::mem::replace(&mut state.keeping.drafts, Drafts { texts, replies });
    state.keeping.changed_since = None;
    let Drafts { texts, replies } = &state.keeping.drafts;
    let texts = changed(&before.texts, texts);
    let texts = texts.map(|(place, text)| Note::Draft { place, text: text.unwrap_or_default() });
    let replies = changed(&before.replies, replies);
    let replies = replies.map(|(place, seq)| Note::Answering { place, seq });
    texts.chain(replies).collect()
}

/// What has another value by now, or none.
fn changed<'a, T: Clone + PartialEq>(
    before: &'a BTreeMap<Place, T>,
    now: &'a BTreeMap<Place, T>,
) -> impl Iterator<Item = (Place, Option<T>)> + 'a {
    let gone = before.keys().filter(|place| !now.contains_key(*place));
    let gone = gone.map(|place| (place.clone(), None));
    let new = now.iter().filter(|(place, value)| before.get(*place) != Some(*value));
    gone.chain(new.map(|(place, value)| (place.clone(), Some(value.clone()))))
}
