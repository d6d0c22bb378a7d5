//! Files of what was typed: whatever a crash leaves, nothing that was kept is lost or doubled.

use std::os::unix::fs::PermissionsExt as _;

use protocol::{MessageText, RequestId, RoomName, Seq, Timestamp};

use super::*;
use crate::place::Place;

struct Machine {
    home: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn journal(&self) -> Journal {
        Journal::new(self.home.path(), &HubId::from_bytes([7; 16]))
    }

    /// A client that starts as somebody.
    fn starts(&self, who: u8) -> (Journal, Restored) {
        let mut journal = self.journal();
        let restored = journal.become_owner(identity(who));
        (journal, restored)
    }

    /// What a client that starts finds, and then ends by `kill -9`.
    fn finds(&self, who: u8) -> Vec<String> {
        let (_journal, restored) = self.starts(who);
        texts(&restored.kept)
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.journal().directory).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|path| path.file_name().unwrap() != "lock");
        files.sort();
        files
    }

    fn only_file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

fn identity(who: u8) -> Identity {
    Identity::from_bytes([who; 16])
}

fn lobby() -> Place {
    RoomName::lobby().into()
}

fn id(text: &str) -> RequestId {
    RequestId::parse(text).unwrap()
}

fn typed(name: &str) -> Note {
    let text = MessageText::parse(name).unwrap();
    let (to, reply_to, announces) = (None, None, false);
    Note::Typed { id: id(name), place: lobby(), to, reply_to, announces, text, at: Timestamp(7) }
}

fn draft(text: &str) -> Note {
    Note::Draft { place: lobby(), text: text.to_owned() }
}

fn texts(kept: &Kept) -> Vec<String> {
    kept.messages.iter().map(|message| message.text.to_string()).collect()
}

#[test]
fn what_was_kept_is_there_after_a_crash() {
    let machine = Machine::new();
    let (mut journal, restored) = machine.starts(1);
    assert!(restored.kept.is_empty() && restored.notice.is_none());
    let answering = |seq| Note::Answering { place: lobby(), seq: Seq::new(seq) };
    journal.keep(&[typed("a"), draft("x"), answering(6)]).unwrap();
    journal.keep(&[typed("b"), answering(7)]).unwrap();
    journal.keep(&[Note::Done(id("a"))]).unwrap();
    drop(journal);
    // Once from its lines, and once from the whole that these have come to.
    drop(machine.starts(1));
    let (_journal, restored) = machine.starts(1);
    assert_eq!(texts(&restored.kept), ["b"]);
    assert_eq!(restored.kept.drafts[&lobby()], "x");
    assert_eq!(restored.kept.replies.get(&lobby()), Seq::new(7).as_ref());
    assert_eq!(restored.notice, None);
}

#[test]
fn only_its_owner_finds_it_and_only_its_owner_can_read_the_file() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(2), [""; 0]);
    let mode = fs::metadata(machine.only_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(machine.finds(1), ["a"]);
}

#[test]
fn a_file_of_a_running_process_is_left_alone() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    first.keep(&[typed("a")]).unwrap();
    let (mut second, restored) = machine.starts(1);
    assert!(restored.kept.is_empty());
    second.keep(&[typed("b")]).unwrap();
    assert_eq!(machine.files().len(), 2);
    drop(first);
    assert_eq!(machine.finds(1), ["a"]);
    drop(second);
    let (_third, restored) = machine.starts(1);
    assert_eq!(texts(&restored.kept).len(), 2);
    machine.only_file();
}

#[test]
fn a_rewritten_file_is_locked_still() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    first.keep(&[typed("a")]).unwrap();
    let kept = first.kept.clone();
    first.write_whole(&kept).unwrap();
    assert_eq!(machine.finds(1), [""; 0]);
}

#[test]
fn a_file_is_gone_when_there_is_nothing_to_keep() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    journal.keep(&[Note::Done(id("a"))]).unwrap();
    journal.close();
    assert_eq!(machine.files().len(), 0);
}

#[test]
fn a_file_does_not_grow_without_end() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    let text = "x".repeat(1000);
    for number in 0..1000 {
        journal.keep(&[draft(&format!("{text}{number}"))]).unwrap();
    }
    let size = fs::metadata(machine.only_file()).unwrap().len();
    assert!(size < 2 * TIDY_BYTES, "{size}");
    drop(journal);
    let (_journal, restored) = machine.starts(1);
    assert!(restored.kept.drafts[&lobby()].ends_with("x999"));
}

/// After a crash the file is any beginning of what was written since the last sync.
#[test]
fn a_file_torn_anywhere_has_every_write_before() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    let mut ends = Vec::new();
    for name in ["a", "b", "c"] {
        journal.keep(&[typed(name), draft(name)]).unwrap();
        ends.push(journal.own.as_ref().unwrap().length);
    }
    drop(journal);
    let whole = fs::read(machine.only_file()).unwrap();
    for length in ends[0]..=whole.len() as u64 {
        let Read { kept, is_damaged, .. } = lines::read(&whole[..length as usize], &identity(1));
        let count = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(kept.messages.len(), count, "at {length}");
        assert_eq!(kept.drafts[&lobby()], ["a", "b", "c"][count - 1]);
        assert!(!is_damaged, "at {length}");
    }
}

#[test]
fn a_torn_end_does_not_spoil_what_is_written_next() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    drop(journal);
    let path = machine.only_file();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"[{\"typed\":{\"id\":\"t");
    fs::write(&path, bytes).unwrap();
    let (mut journal, restored) = machine.starts(1);
    assert_eq!((texts(&restored.kept), restored.notice), (vec!["a".to_owned()], None));
    journal.keep(&[typed("b")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), ["a", "b"]);
}

#[test]
fn a_damaged_file_is_told_kept_and_read_as_far_as_it_goes() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    let middle = journal.own.as_ref().unwrap().length as usize;
    journal.keep(&[typed("b")]).unwrap();
    journal.keep(&[typed("c")]).unwrap();
    drop(journal);
    let path = machine.only_file();
    let mut bytes = fs::read(&path).unwrap();
    bytes[middle] = b'?';
    fs::write(&path, &bytes).unwrap();
    let (_journal, restored) = machine.starts(1);
    assert_eq!(texts(&restored.kept), ["a", "c"]);
    assert!(restored.notice.unwrap().contains("damaged"));
    let aside = machine.files().into_iter().find(|file| file.to_str().unwrap().ends_with(DAMAGED));
    assert_eq!(fs::read(aside.unwrap()).unwrap(), bytes);
    assert_eq!(machine.starts(2).1.notice, None);
}

/// Each step of taking a file over, with the crash right after it.
#[test]
fn a_crash_while_taking_over_loses_and_doubles_nothing() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    let (mut second, _) = machine.starts(1);
    first.keep(&[typed("a"), draft("x")]).unwrap();
    second.keep(&[typed("b"), draft("y")]).unwrap();
    drop((first, second));
    let before: Vec<(PathBuf, Vec<u8>)> =
        machine.files().into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let found = |machine: &Machine| {
        let (journal, restored) = machine.starts(1);
        let mut found = texts(&restored.kept);
        found.sort();
        let mut drafts: Vec<String> =
            restored.kept.drafts[&lobby()].lines().map(str::to_owned).collect();
        drafts.sort();
        drop(journal);
        (found, drafts)
    };
    let all = found(&machine);
    assert_eq!(all, (vec!["a".into(), "b".into()], vec!["x".into(), "y".into()]));
    // The new file was there, and of the old ones none, or only one, was gone.
    for come_back in [&before[..], &before[..1], &before[1..]] {
        for (path, bytes) in come_back {
            fs::write(path, bytes).unwrap();
        }
        assert_eq!(found(&machine), all);
    }
    // The new file was not whole yet.
    fs::remove_file(machine.only_file()).unwrap();
    for (path, bytes) in &before {
        fs::write(path, bytes).unwrap();
    }
    let name = file_name(&identity(1));
    let fresh = machine.journal().directory.join(format!("{name}{FRESH}"));
    fs::write(&fresh, "{\"hubbub").unwrap();
    assert_eq!(found(&machine), all);
    assert!(!fresh.exists());
}

#[test]
fn what_cannot_be_written_is_an_error_and_not_there_afterwards() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    // A file opened for reading takes nothing, as a full disk.
    let path = machine.only_file();
    let own = journal.own.as_mut().unwrap();
    let good = std::mem::replace(&mut own.file, File::open(&path).unwrap());
    journal.keep(&[typed("b")]).unwrap_err();
    journal.own.as_mut().unwrap().file = good;
    journal.keep(&[typed("c")]).unwrap();
    journal.own.as_mut().unwrap().file = File::open(&path).unwrap();
    // What has happened anyway is written with the next whole file.
    journal.keep(&[Note::Done(id("a"))]).unwrap_err();
    journal.keep(&[typed("d")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), ["c", "d"]);
}

#[test]
fn a_state_directory_that_cannot_be_used_is_told() {
    let machine = Machine::new();
    fs::write(machine.home.path().join("outbox"), "a file in the way").unwrap();
    let (mut journal, restored) = machine.starts(1);
    assert!(restored.kept.is_empty());
    let error = journal.keep(&[typed("a")]).unwrap_err().to_string();
    assert!(error.starts_with("can't use "), "{error}");
}

fn no_sync(_: &File) -> io::Result<()> {
    Err(io::Error::other("bad sector"))
}

/// The rename is done, and then the directory cannot be synced.
#[test]
fn a_first_write_of_which_nobody_knows_is_nobody_elses_and_not_sent_twice() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.sync = no_sync;
    journal.keep(&[typed("a")]).unwrap_err();
    assert_eq!(machine.finds(1), [""; 0]);
    journal.sync = File::sync_all;
    journal.keep(&[typed("b")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), ["b"]);
}

#[test]
fn what_nobody_knows_of_at_the_end_is_not_there_afterwards() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[draft("x")]).unwrap();
    journal.own.as_mut().unwrap().is_doubtful = true;
    journal.sync = no_sync;
    journal.keep(&[typed("a")]).unwrap_err();
    journal.sync = File::sync_all;
    journal.close();
    assert_eq!(machine.finds(1), [""; 0]);
}

#[test]
fn a_file_that_could_not_be_tidied_well_has_what_is_written_next() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    journal.own.as_mut().unwrap().tidy_at = 0;
    journal.sync = no_sync;
    journal.keep(&[typed("b")]).unwrap();
    journal.sync = File::sync_all;
    journal.keep(&[typed("c")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), ["a", "b", "c"]);
}

#[test]
fn a_file_that_somebody_removed_is_written_anew() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a")]).unwrap();
    fs::remove_file(machine.only_file()).unwrap();
    journal.keep(&[typed("b")]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), ["a", "b"]);
}

/// The disk is full at the start, and what was left is there until the own file has it.
#[test]
fn what_was_left_is_kept_until_it_is_in_the_own_file() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    first.keep(&[typed("a"), typed("b")]).unwrap();
    drop(first);
    let mut journal = machine.journal();
    journal.sync = no_sync;
    let restored = journal.become_owner(identity(1));
    assert_eq!(texts(&restored.kept), ["a", "b"]);
    assert!(restored.notice.is_some());
    assert_eq!(machine.finds(1), [""; 0], "nobody else takes it meanwhile");
    journal.sync = File::sync_all;
    journal.keep(&[Note::Done(id("a")), Note::GivenUp(id("b"))]).unwrap();
    drop(journal);
    assert_eq!(machine.finds(1), [""; 0]);
}

#[test]
fn what_was_taken_over_and_given_up_does_not_come_back_with_the_old_file() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    first.keep(&[typed("a"), typed("b")]).unwrap();
    drop(first);
    let old = machine.only_file();
    let bytes = fs::read(&old).unwrap();
    let (mut second, _) = machine.starts(1);
    second.keep(&[Note::GivenUp(id("a"))]).unwrap();
    drop(second);
    fs::write(&old, bytes).unwrap();
    assert_eq!(machine.finds(1), ["b"]);
    assert_ne!(machine.only_file(), old);
}

#[test]
fn one_file_that_stays_keeps_no_other_one() {
    let machine = Machine::new();
    let (mut first, _) = machine.starts(1);
    let (mut second, _) = machine.starts(1);
    first.keep(&[typed("a")]).unwrap();
    second.keep(&[typed("b")]).unwrap();
    drop((first, second));
    let (mut journal, _) = machine.starts(1);
    journal.close();
    drop(journal);
    let (mut journal, _) = machine.starts(1);
    // A directory is in the way of the first one that goes.
    let name = |number: u8| machine.journal().directory.join(format!("{number}"));
    fs::create_dir_all(name(1).join("inside")).unwrap();
    fs::write(name(2), "").unwrap();
    for path in [name(1), name(2)] {
        let lock = File::open(&path).unwrap();
        journal.left.push(Left { path, _lock: lock, is_damaged: false });
    }
    let kept = journal.kept.clone();
    let _ = journal.write_whole(&kept);
    let left = std::mem::take(&mut journal.left);
    assert_eq!(left.len(), 1, "it is tried again");
    assert!(!name(2).exists());
}

#[test]
fn what_has_happened_is_not_forgotten_with_what_could_not_be_promised() {
    let machine = Machine::new();
    let (mut journal, _) = machine.starts(1);
    journal.keep(&[typed("a"), draft("x")]).unwrap();
    journal.own.as_mut().unwrap().file = File::open(machine.only_file()).unwrap();
    journal.keep(&[typed("b"), Note::Done(id("a")), draft("")]).unwrap_err();
    journal.keep(&[typed("c")]).unwrap();
    drop(journal);
    let (_journal, restored) = machine.starts(1);
    assert_eq!(texts(&restored.kept), ["c"]);
    assert_eq!(restored.kept.drafts[&lobby()], "x");
}
