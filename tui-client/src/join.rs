//! From the command line to a screen: reaching the hub, and choosing who to be, before the
//! terminal is touched. A hub never reached is a sentence and an exit code; one reached before
//! opens at once, offline.

use std::{
    fs, io,
    io::{BufRead as _, IsTerminal as _},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use jiff::tz::TimeZone;
use protocol::{HubId, RoomName, UserName};

use crate::{
    cli::{Connect, Host},
    connection::{
        Start, Who,
        address::Address,
        dial::{DialError, Dialled, dial, host_command},
        tls::Trust,
    },
    event::{Event, LinkEvent, Now, Size},
    host::{self, Keeper, Note, Reach, browser_line, invite},
    say,
    settings_file::{Loaded, Watched},
    state::{Hosting, Settings, State},
    storage::{Choice, Journal, KnownRooms, Storage, login_name, state_directory},
    update::preferring,
};

/// How long a hub that was never reached may take: the sentence comes within 5 s.
pub(crate) const FIRST_DEADLINE: Duration = Duration::from_millis(4500);
/// How long a known hub may take before the screen opens without it.
const KNOWN_DEADLINE: Duration = Duration::from_millis(700);

/// There is no hub, which has an exit code of its own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoHub(pub String);

/// Everything that the screen begins with.
#[derive(Debug)]
pub struct Joining {
    /// For the connection.
    pub start: Start,
    /// The rooms to return to.
    pub rooms: KnownRooms,
    /// What the hub is called in sentences.
    pub hub_name: String,
    /// How others join.
    pub invite: Vec<String>,
    /// What is said at the end, where this client keeps the hub.
    pub hosting: Option<Hosting>,
    /// To be said on the screen first.
    pub notice: Option<String>,
    /// Where what is typed is kept.
    pub journal: Journal,
    /// The hub, where this process started it.
    pub child: Option<Keeper>,
    /// What the user wants otherwise than most.
    pub settings: Loaded,
}

/// What a front begins with, on a screen or without.
pub(crate) struct Beginning {
    pub(crate) state: State,
    /// What is to be handled first.
    pub(crate) first: Event,
    pub(crate) start: Start,
    pub(crate) journal: Journal,
    pub(crate) child: Option<Keeper>,
    pub(crate) watched: Option<Watched>,
}

impl Joining {
    /// What the settings file says counts, but for what the command line said before.
    fn with(mut self, settings: Loaded) -> Self {
        also(&mut self.rooms, &settings.config.rooms);
        Self { settings, ..self }
    }

    /// The state to begin with, on a screen of this size, or line by line.
    pub(crate) fn begin(self, size: Size, has_screen: bool, now: Now) -> Beginning {
        let Self { start, rooms, hub_name, invite, hosting, notice, child, journal, .. } = self;
        let Loaded { config, complaint, watched } = self.settings;
        let settings = Settings {
            size,
            time_zone: TimeZone::system(),
            seed: fastrand::u64(..),
            rooms: rooms.rooms,
            current: rooms.current,
            name: match &start.who {
                Who::Claimed(claim) => Some(claim.name.clone()),
                Who::Ask { .. } => None,
            },
            hub: hub_name,
            invite,
            preferences: config.preferences,
            hosting,
        };
        let mut state = State::new(settings, now);
        state.has_screen = has_screen;
        if let Some(notice) = notice {
            state.separator.answer(notice);
        }
        if let Some(complaint) = complaint {
            preferring::complain(&mut state, complaint);
        }
        let first = Event::Link(first_event(&start.who));
        Beginning { state, first, start, journal, child, watched }
    }
}

/// What is known of who one is.
fn first_event(who: &Who) -> LinkEvent {
    match who {
        Who::Claimed(claim) => LinkEvent::Claimed { identity: claim.identity.clone() },
        Who::Ask { tried, suggest } => {
            LinkEvent::NeedsName { tried: tried.clone(), suggest: suggest.clone() }
        }
    }
}

/// `hubbub connect`.
pub async fn connect(arguments: &Connect, settings: Loaded) -> Result<Joining> {
    let arguments = &arguments.clone().or(&settings.config);
    let address = arguments.address()?;
    let storage = Storage::of_user()?;
    let known = storage.hub_at(&address.to_string())?;
    let patience = if known.is_some() { KNOWN_DEADLINE } else { FIRST_DEADLINE };
    let trust = Trust::with(arguments.tls_ca.as_deref())?;
    let dialled = match dial(&address, &trust, patience).await {
        Ok(dialled) => Ok(dialled),
        Err(error) => match no_hub(arguments, &storage, known, &error)? {
            Without::Host => return host(&Host::from(arguments), settings).await,
            Without::Offline(hub) => Err(hub),
        },
    };
    let invite = invite_to(&address, dialled.as_ref().map_or_else(|hub| hub, |d| &d.hub), &storage);
    let hub_name = format!("the hub at {address}");
    let wanted = Wanted { name: arguments.name.as_ref(), rather: None };
    let mut joining = join(&storage, address, dialled, wanted, hub_name)?;
    joining.start.password = arguments.password_file.as_deref().map(read_password).transpose()?;
    joining.start.trust = trust;
    joining.invite = invite;
    add_rooms(&mut joining.rooms, &arguments.rooms);
    Ok(joining.with(settings))
}

/// `hubbub host`.
pub async fn host(arguments: &Host, settings: Loaded) -> Result<Joining> {
    let arguments = &arguments.clone().or(&settings.config);
    if !cfg!(feature = "host") {
        return Err(anyhow!("this hubbub was built without its hub; use hubbub-server"));
    }
    let storage = Storage::of_user()?;
    let mut plan = host::Plan::new(arguments)?;
    let hosted_as = plan.known().and_then(|note| note.name);
    if let Some(owner) = arguments.name.clone().or_else(|| hosted_as.clone()).or_else(login_name) {
        plan = plan.owned_by(owner);
    }
    let hosted = host::host(plan).await?;
    let hub_name = match &hosted.note.name {
        Some(name) => format!("{name}'s hub"),
        None => "your hub".to_owned(),
    };
    let wanted = Wanted { name: arguments.name.as_ref(), rather: hosted_as.as_ref() };
    let (address, note) = (hosted.address, hosted.note);
    if hosted.child.is_some() {
        // This process has just started it: there is nothing to ask.
        storage.trust(&hosted.dialled.hub, &address.to_string())?;
    }
    let again = again(arguments);
    let mut joining = join(&storage, address, Ok(hosted.dialled), wanted, hub_name)?;
    joining.invite = invite(&note);
    match hosted.child {
        Some(child) => {
            let data = Some(hosted.directory.display().to_string());
            joining.hosting = Some(Hosting { data, again });
            joining.start.appointer = Some(child.appointer());
            joining.child = Some(child);
        }
        None => joining.notice = Some(runs_already(arguments, &note.reach)),
    }
    Ok(joining.with(settings))
}

fn runs_already(arguments: &Host, reach: &Reach) -> String {
    let as_it_is = match reach {
        Reach::Machine if arguments.lan => ", for this machine only",
        Reach::Machine | Reach::Network | Reach::Address(_) => "",
    };
    format!("your hub runs here already{as_it_is}; you joined it")
}

/// What to do where there is no hub.
enum Without {
    /// Open without it: it is this one.
    Offline(HubId),
    /// Start one here.
    Host,
}

fn no_hub(
    arguments: &Connect,
    storage: &Storage,
    known: Option<HubId>,
    error: &DialError,
) -> Result<Without> {
    if let DialError::Unresolved(_) | DialError::NoAnswer(_) = error
        && let Some(guess) = arguments.misspelt_command()
    {
        return Err(NoHub(guess).into());
    }
    // A screen that opened without the hub would have no room for what is to be done.
    if error.is_about_trust() {
        return Err(NoHub(error.to_string()).into());
    }
    // One's own hub does not come back by itself; others' do.
    let own = Note::read(&storage.hub_directory()).and_then(|note| note.hub);
    let may_start = known.is_none() || known == own;
    if let DialError::NothingListens(address) = error
        && cfg!(feature = "host")
        && arguments.is_at_home()
        && may_start
        && is_terminal()
        && confirm(&format!("No hub at {address}. Start one here? [Y/n] "))?
    {
        return Ok(Without::Host);
    }
    match known {
        Some(hub) => Ok(Without::Offline(hub)),
        None => Err(NoHub(error.to_string()).into()),
    }
}

/// Who the user would like to be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// By `-n`.
    name: Option<&'a UserName>,
    /// Before others, where no client of this machine is that one.
    rather: Option<&'a UserName>,
}

/// Chooses who to be on the hub that answered, or on the one that was known there.
fn join(
    storage: &Storage,
    address: Address,
    reached: Result<Dialled, HubId>,
    wanted: Wanted<'_>,
    hub_name: String,
) -> Result<Joining> {
    let (hub, dialled) = match reached {
        Ok(dialled) => (dialled.hub.clone(), Some(dialled)),
        Err(hub) => (hub, None),
    };
    let login = login_name().context("you have no login name; give one with -n")?;
    let (who, rooms) = match storage.choose(&hub, wanted.name, wanted.rather, &login)? {
        Choice::Be(claim) => {
            let rooms = storage.rooms(&hub, &claim.identity)?;
            (Who::Claimed(claim), rooms)
        }
        Choice::Taken { tried, suggest } => (Who::Ask { tried, suggest }, KnownRooms::default()),
    };
    let journal = Journal::new(&state_directory()?, &hub);
    let storage = storage.clone();
    let trust = Trust::default();
    let (password, appointer) = (None, None);
    #[rustfmt::skip]
    let start = Start { address, hub, who, password, trust, dialled, storage, appointer };
    let (invite, hosting, notice, child) = (Vec::new(), None, None, None);
    let settings = Loaded::default();
    Ok(Joining { start, rooms, hub_name, invite, hosting, notice, journal, child, settings })
}

/// How others join a hub that this client did not start.
fn invite_to(address: &Address, hub: &HubId, storage: &Storage) -> Vec<String> {
    let own = Note::read(&storage.hub_directory());
    if let Some(note) = own.filter(|note| note.hub.as_ref() == Some(hub)) {
        return invite(&note);
    }
    let place = if address.is_loopback() { " on this machine" } else { "" };
    let command = format!("Others{place} join with: {}", address.join_command());
    vec![command, browser_line(address)]
}

/// Whoever is in no room yet is in the lobby first.
fn also(known: &mut KnownRooms, rooms: &[RoomName]) {
    if known.rooms.is_empty() && !rooms.is_empty() {
        known.rooms.push(RoomName::lobby());
    }
    for room in rooms {
        if !known.rooms.contains(room) {
            known.rooms.push(room.clone());
        }
    }
}

fn add_rooms(known: &mut KnownRooms, asked_for: &[RoomName]) {
    also(known, asked_for);
    if let Some(first) = asked_for.first() {
        known.current = Some(first.clone());
    }
}

/// The command that starts the hub again.
fn again(arguments: &Host) -> String {
    let host = arguments.host.as_ref().map(|host| format!("-H {host}"));
    let data = arguments.data.as_ref().map(|data| format!("--data {}", data.display()));
    let lan = arguments.lan.then(|| "--lan".to_owned());
    let no_web = arguments.no_web.then(|| "--no-web".to_owned());
    let words = [Some(host_command(arguments.port())), lan, host, no_web, data];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The password in a file, on its first line.
pub(crate) fn read_password(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("can't read the password file {}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Whether there is a terminal that can show a screen.
pub fn is_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb
}

/// Asks on the terminal; Enter is yes.
fn confirm(question: &str) -> Result<bool> {
    say::ask(question)?;
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer)?;
    Ok(read > 0 && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}
