//! Names and secrets on disk: kept, claimed, shared and never replaced when damaged.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;

fn hub() -> HubId {
    HubId::from_bytes([7; 16])
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

fn storage() -> (tempfile::TempDir, Storage) {
    let home = tempfile::tempdir().unwrap();
    let storage = Storage::at(home.path().join("hubbub"));
    (home, storage)
}

/// Chooses without `-n`, as the login `ana`.
fn choose(storage: &Storage) -> Choice {
    storage.choose(&hub(), None, None, &name("ana")).unwrap()
}

fn be(storage: &Storage) -> Claim {
    match choose(storage) {
        Choice::Be(claim) => claim,
        Choice::Taken { tried, .. } => panic!("{tried} is taken"),
    }
}

fn welcome(storage: &Storage, claim: &Claim, as_name: &str) {
    storage.welcomed(&hub(), "localhost:8080", claim, &name(as_name)).unwrap();
}

#[test]
fn the_first_time_one_has_the_login_name() {
    let (_home, storage) = storage();
    assert_eq!(be(&storage).name, name("ana"));
}

#[test]
fn a_second_client_of_this_machine_is_asked() {
    let (_home, storage) = storage();
    let _first = be(&storage);
    let Choice::Taken { tried, suggest } = choose(&storage) else { panic!("not asked") };
    assert_eq!((tried, suggest), (name("ana"), name("ana2")));
    let _second = storage.take(&hub(), &name("ana2"), None).unwrap();
    let Choice::Taken { suggest, .. } = choose(&storage) else { panic!("not asked") };
    assert_eq!(suggest, name("ana3"));
}

#[test]
fn the_next_day_two_terminals_are_the_same_two_people_without_a_question() {
    let (_home, storage) = storage();
    let first = be(&storage);
    let second = storage.take(&hub(), &name("Bob"), None).unwrap();
    welcome(&storage, &first, "ana");
    welcome(&storage, &second, "Bob");
    let identities = [second.identity.clone(), first.identity.clone()];
    drop((first, second));
    let again = [be(&storage), be(&storage)];
    assert_eq!(again.each_ref().map(|claim| claim.identity.clone()), identities);
    assert_eq!(again.each_ref().map(|claim| claim.name.clone()), [name("Bob"), name("ana")]);
}

#[test]
fn who_hosts_is_who_hosted() {
    let (_home, storage) = storage();
    let host = be(&storage);
    let guest = storage.take(&hub(), &name("Bob"), None).unwrap();
    welcome(&storage, &host, "ana");
    welcome(&storage, &guest, "Bob");
    drop((host, guest));
    let choose = || storage.choose(&hub(), None, Some(&name("ana")), &name("login")).unwrap();
    let Choice::Be(host) = choose() else { panic!("asked") };
    assert_eq!(host.name, name("ana"));
    let Choice::Be(second) = choose() else { panic!("asked") };
    assert_eq!(second.name, name("Bob"), "the host runs already");
}

#[test]
fn an_owned_name_that_runs_is_a_second_screen() {
    let (_home, storage) = storage();
    let first = be(&storage);
    let second = storage.choose(&hub(), Some(&name("Ana")), None, &name("x")).unwrap();
    let Choice::Be(second) = second else { panic!("asked") };
    assert_eq!(second.identity, first.identity);
    drop(first);
    assert!(matches!(choose(&storage), Choice::Taken { .. }), "the second screen holds it too");
}

#[test]
fn a_refused_name_leaves_no_identity_behind() {
    let (_home, storage) = storage();
    let refused = be(&storage);
    let identity = refused.identity.clone();
    let accepted = storage.take(&hub(), &name("Ana2"), Some(&refused)).unwrap();
    assert_eq!(accepted.identity, identity);
    assert_eq!(storage.read(&hub()).unwrap().people.len(), 1);
}

#[test]
fn both_names_open_the_same_identity_after_a_rename() {
    let (_home, storage) = storage();
    let claim = be(&storage);
    welcome(&storage, &claim, "ana");
    storage.also_known_as(&hub(), &claim.identity, &name("Ally")).unwrap();
    let identity = claim.identity.clone();
    drop(claim);
    for known in ["ana", "Ally", "ALLY"] {
        let claim = storage.take(&hub(), &name(known), None).unwrap();
        assert_eq!(claim.identity, identity, "{known}");
    }
    assert_eq!(be(&storage).name, name("Ally"), "the one last used");
}

#[test]
fn the_name_of_the_welcome_counts() {
    let (_home, storage) = storage();
    let claim = be(&storage);
    welcome(&storage, &claim, "Anastasia");
    drop(claim);
    assert_eq!(be(&storage).name, name("Anastasia"));
}

#[test]
fn rooms_are_returned_to_in_order() {
    let (_home, storage) = storage();
    let claim = be(&storage);
    let rooms = [RoomName::lobby(), RoomName::parse("games").unwrap()];
    storage.remember_rooms(&hub(), &claim.identity, &rooms, Some(&rooms[1])).unwrap();
    let known = storage.rooms(&hub(), &claim.identity).unwrap();
    assert_eq!(known, KnownRooms { rooms: rooms.to_vec(), current: Some(rooms[1].clone()) });
}

#[test]
fn the_hub_last_reached_at_an_address_is_meant() {
    let (_home, storage) = storage();
    let newer = HubId::from_bytes([8; 16]);
    assert_eq!(storage.hub_at("localhost:8080").unwrap(), None);
    storage.trust(&hub(), "localhost:8080").unwrap();
    storage.trust(&newer, "localhost:8080").unwrap();
    assert!(storage.read(&newer).unwrap().last_used >= storage.read(&hub()).unwrap().last_used);
    assert!(storage.hub_at("localhost:8080").unwrap().is_some());
    assert_eq!(storage.hub_at("10.0.0.9:8080").unwrap(), None);
}

#[test]
fn a_known_hub_at_a_new_address_is_noticed() {
    let (_home, storage) = storage();
    assert_eq!(storage.known_elsewhere(&hub(), "10.0.0.9:8080").unwrap(), None);
    storage.trust(&hub(), "10.0.0.9:8080").unwrap();
    assert_eq!(storage.known_elsewhere(&hub(), "10.0.0.9:8080").unwrap(), None);
    let elsewhere = storage.known_elsewhere(&hub(), "10.0.0.66:8080").unwrap();
    let known_as = "10.0.0.9:8080".to_owned();
    assert_eq!(elsewhere, Some(Elsewhere { known_as, loses_tls: false }));
}

#[test]
fn a_hub_that_is_known_by_tls_is_asked_about_where_there_is_none() {
    let (_home, storage) = storage();
    let (plain, lan, secure) = ("ana.example:80", "10.0.0.9:8080", "wss://ana.example");
    storage.trust(&hub(), plain).unwrap();
    let elsewhere = |address| storage.known_elsewhere(&hub(), address).unwrap();
    assert!(!elsewhere(secure).unwrap().loses_tls);
    storage.trust(&hub(), secure).unwrap();
    // Also where it was reached before it was known by TLS.
    for address in [plain, lan] {
        let known_as = secure.to_owned();
        assert_eq!(elsewhere(address), Some(Elsewhere { known_as, loses_tls: true }));
    }
    storage.trust(&hub(), lan).unwrap();
    storage.trust(&hub(), secure).unwrap();
    assert_eq!((elsewhere(lan), elsewhere(secure)), (None, None), "the user has said so");
    assert!(elsewhere(plain).unwrap().loses_tls);
}

#[test]
fn only_the_user_can_look_at_it() {
    let (_home, storage) = storage();
    let _claim = be(&storage);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(storage.hubs()), 0o700);
    for entry in fs::read_dir(storage.hubs()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
}

#[test]
fn a_damaged_file_is_complained_of_and_left_alone() {
    let (_home, storage) = storage();
    drop(be(&storage));
    let path = storage.hubs().join(format!("{}.json", hub()));
    fs::write(&path, "{ not json").unwrap();
    let error = storage.choose(&hub(), None, None, &name("ana")).unwrap_err().to_string();
    assert!(error.contains("is damaged") && error.contains("mend it or move it away"), "{error}");
    assert!(storage.welcomed_anybody(&path).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ not json");
    assert_eq!(storage.hub_at("localhost:8080").unwrap(), None);
}

impl Storage {
    fn welcomed_anybody(&self, _path: &std::path::Path) -> Result<(), StorageError> {
        self.trust(&hub(), "localhost:8080")
    }
}

#[test]
fn whom_one_ignores_is_kept_for_each_hub_and_person() {
    let (_home, storage) = storage();
    let (ana, second) = (be(&storage), storage.take(&hub(), &name("Bea"), None).unwrap());
    let bob = Ignored::new(Some(Identity::from_bytes([7; 16])), name("Bob"));
    let cyd = Ignored::new(None, name("cyd"));
    let ignore = |whom: &Ignored, is_ignored: bool| {
        storage.keep_ignored(&hub(), &ana.identity, whom, is_ignored).unwrap();
    };
    ignore(&bob, true);
    ignore(&cyd, true);
    ignore(&Ignored { name: name("Rob"), ..bob.clone() }, true);
    let of = |claim: &Claim| storage.ignored(&hub(), &claim.identity).unwrap();
    let rob = Ignored { name: name("Rob"), ..bob.clone() };
    assert_eq!(of(&ana), [cyd.clone(), rob], "the same person once");
    assert_eq!(of(&second), []);
    let elsewhere = storage.ignored(&HubId::from_bytes([8; 16]), &ana.identity);
    assert_eq!(elsewhere.unwrap(), []);
    welcome(&storage, &ana, "ana");
    storage.remember_rooms(&hub(), &ana.identity, &[RoomName::lobby()], None).unwrap();
    ignore(&bob, false);
    assert_eq!(of(&ana), [cyd], "whatever else is written stays");
}

#[test]
fn a_script_with_a_name_of_its_own_changes_nothing_about_who_the_user_was_last() {
    let (_home, storage) = storage();
    let script = storage.clone().for_script();
    let bot = script.take(&hub(), &name("bot"), None).unwrap();
    welcome(&script, &bot, "bot");
    assert_eq!(script.last(&hub(), &name("ana")).unwrap().name, name("ana"));
    assert_eq!(be(&storage).name, name("ana"));
    let cyd = storage.take(&hub(), &name("Cyd"), None).unwrap();
    welcome(&storage, &cyd, "Cyd");
    welcome(&script, &bot, "bot");
    let last = script.last(&hub(), &name("ana")).unwrap();
    assert_eq!((last.name, last.identity), (name("Cyd"), cyd.identity.clone()));
    assert_eq!(script.take(&hub(), &name("bot"), None).unwrap().identity, bot.identity);
}
