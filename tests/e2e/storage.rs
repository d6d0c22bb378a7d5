//! A hub that cannot keep its log says so in one sentence, ends, and touches nothing.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use protocol::{RequestId, ServerFrame, server::GapReason};
use rusqlite::Connection;
use tempfile::TempDir;
use tests::{Finished, Launch, ServerProcess, TestClient, run_to_end};

const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let data = Data::new();
    fs::write(data.file(), "Dear diary, this is not a database at all.\n".repeat(100)).unwrap();
    data.is_refused_and_untouched("is not a hubbub database");
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let data = Data::new();
    let other = Connection::open(data.file()).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;").unwrap();
    drop(other);
    data.is_refused_and_untouched("is not a hubbub database");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let data = Data::new();
    data.begin();
    let newer = Connection::open(data.file()).unwrap();
    newer.pragma_update(None, "user_version", 1000).unwrap();
    drop(newer);
    data.is_refused_and_untouched("newer");
}

#[test]
fn a_database_that_cannot_be_written_is_left_alone() {
    let data = Data::new();
    data.begin();
    let before = data.contents();
    let finished = data.run_without_permission();
    refused(&finished, "");
    assert_eq!(data.contents(), before);
}

#[test]
fn a_database_in_use_is_left_alone() {
    let data = Data::new();
    let server = ServerProcess::start(Some(data.path()), &[]);
    let holder = server.id().to_string();
    let before = data.contents();
    refused(&data.run(), &holder);
    assert_eq!(data.contents(), before);
    // The one that has it goes on.
    block_on(async { TestClient::guest(server.address(), "Ana").await.alive().await });
}

#[test]
fn a_port_in_use_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = tempfile::tempdir().unwrap();
    let finished = run_to_end("hubbub-server", &["--memory", "-p", &port], home.path(), LIMIT);
    refused(&finished, &port);
}

#[test]
fn a_data_directory_that_is_a_file_is_said() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "keep me").unwrap();
    let arguments = ["-p", "0", "--data", file.to_str().unwrap()];
    refused(&run_to_end("hubbub-server", &arguments, home.path(), LIMIT), "file");
    assert_eq!(fs::read_to_string(&file).unwrap(), "keep me");
}

#[test]
fn a_backup_made_under_load_is_sound_and_a_new_epoch() {
    let (data, restored) = (Data::new(), Data::new());
    let server = ServerProcess::start(Some(data.path()), &["--rate", "0"]);
    let backup = data.path().join("backup");
    let (last, epoch) = block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        let epoch = ana.join("lobby").await.epoch;
        let first = ana.say_acked("lobby", "before the backup").await.seq.get();
        let ids = say_many(&mut ana, 2_000).await;
        let arguments = ["backup", backup.to_str().unwrap(), "--data"];
        let finished = store(&arguments, Some(data.path()));
        assert_eq!(finished.code, Some(0), "{finished:?}");
        for id in &ids {
            ana.ack(id).await;
        }
        assert_eq!(first, 1);
        (1 + ids.len() as u64, epoch)
    });
    let verified = store(&["verify", backup.to_str().unwrap()], None);
    assert!(verified.stdout.ends_with("no faults\n"), "{verified:?}");
    let verified = store(&["verify", "--data"], Some(data.path()));
    assert!(verified.stdout.contains(&format!("{last} events in 1 rooms, 1 people, no faults")));

    fs::rename(backup, restored.file()).unwrap();
    let mut server = ServerProcess::start(Some(restored.path()), &[]);
    let epochs = block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        let joined = ana.rejoin("lobby", 1, &epoch).await;
        let gap = ana.gap().await;
        assert_eq!((gap.from.get(), gap.to, gap.reason), (1, joined.head, GapReason::Epoch));
        assert_ne!(joined.epoch, epoch);
        let next = ana.say_acked("lobby", "after the restore").await.seq;
        assert_eq!(next, joined.head.next());
        assert_eq!(ana.event().await.seq, next, "nothing of the other epoch came before it");
        joined.epoch
    });
    server.kill();
    server.restart();
    block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        let joined = ana.rejoin("lobby", 1, &epochs).await;
        assert_eq!(joined.epoch, epochs, "the epoch is made once");
        assert_eq!(ana.event().await.seq.get(), 2);
    });
}

#[test]
fn what_is_kept_no_longer_is_a_gap_for_who_asks_for_it() {
    let data = Data::new();
    let mut server = ServerProcess::start(Some(data.path()), &["--rate", "0"]);
    let epoch = block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        let epoch = ana.join("lobby").await.epoch;
        for id in say_many(&mut ana, 20).await {
            ana.ack(&id).await;
        }
        epoch
    });
    server.kill();
    drop(server);
    let server = ServerProcess::start(Some(data.path()), &["--rate", "0", "--retention", "30d,5"]);
    block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        let mut joined = ana.join("lobby").await;
        let deadline = Instant::now() + LIMIT;
        while joined.oldest.get() != 16 {
            assert!(Instant::now() < deadline, "nothing was removed");
            // It is removed in the first idle moment.
            assert_eq!((joined.oldest.get(), joined.head.get()), (1, 20));
            joined = ana.join("lobby").await;
        }
        let page = ana.history("lobby", Some(18), 100).await;
        let gap = page.gap.expect("a gap");
        assert_eq!((gap.from.get(), gap.to.get(), gap.reason), (1, 15, GapReason::Retention));
        assert_eq!(page.events.len(), 2);
        ana.rejoin("lobby", 3, &epoch).await;
        let gap = ana.gap().await;
        assert_eq!((gap.from.get(), gap.to.get(), gap.reason), (4, 15, GapReason::Retention));
        let seqs: Vec<_> = ana.events_until(20).await.iter().map(|event| event.seq.get()).collect();
        assert_eq!(seqs, [16, 17, 18, 19, 20]);
    });
    let verified = store(&["verify", "--data"], Some(data.path()));
    assert!(verified.stdout.contains("5 events in 1 rooms"), "{verified:?}");
}

#[test]
fn a_backup_overwrites_nothing() {
    let data = Data::new();
    data.begin();
    let file = data.path().join("precious");
    fs::write(&file, "mine").unwrap();
    let finished = store(&["backup", file.to_str().unwrap(), "--data"], Some(data.path()));
    refused(&finished, "is there already");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_fault_is_one_line_and_an_error() {
    let data = Data::new();
    data.begin();
    let outside = Connection::open(data.file()).unwrap();
    outside.execute("UPDATE room SET head = 3", []).unwrap();
    drop(outside);
    let finished = store(&["verify", "--data"], Some(data.path()));
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert_eq!(finished.stdout, "lobby has none of 2 to 3\n");
    assert!(finished.stderr.contains("restore a backup"), "{finished:?}");
}

#[test]
fn a_log_that_cannot_be_written_ends_the_hub_without_an_ack() {
    let data = Data::new();
    let launch = Launch::new(Some(data.path()), &[]).quiet();
    let mut server = ServerProcess::launch(launch);
    let frames = block_on(async {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        ana.join("lobby").await;
        ana.say_acked("lobby", "before").await;
        Connection::open(data.file()).unwrap().execute_batch("DROP TABLE event").unwrap();
        ana.say("lobby", "after").await;
        ana.closed().await;
        std::iter::from_fn(|| ana.take_unread(|frame| Some(frame.clone()))).collect::<Vec<_>>()
    });
    assert_eq!(server.wait().code(), Some(1));
    let is_ack = |frame: &ServerFrame| matches!(frame, ServerFrame::Ack(_));
    assert!(!frames.iter().any(is_ack), "{frames:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_too_full_for_the_copy_before_a_migration_changes_nothing() {
    let (disk, first) = (Data::new(), Data::new());
    let sql = include_str!("../../server/src/ledger/tests/version1.sql");
    Connection::open(first.file()).unwrap().execute_batch(sql).unwrap();
    let Some(wrapper) = tests::rigs::small_disk("200k", disk.path().to_str().unwrap()) else {
        return;
    };
    let script = "set -e; cp $2 $1/hub.sqlite3
        dd if=/dev/zero of=$1/ballast bs=4k count=26 2>/dev/null
        before=$(cksum <$1/hub.sqlite3)
        $0 -p 0 --data $1 || echo code $?
        test \"$before\" = \"$(cksum <$1/hub.sqlite3)\" && echo untouched; ls $1";
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(disk.path()).args(["sh", "-c", script]);
    command.arg(tests::program("hubbub-server")).arg(disk.path()).arg(first.file());
    let finished = tests::run_command(command, LIMIT);
    assert!(finished.stderr.contains("there is no room for the copy"), "{finished:?}");
    assert!(finished.stdout.contains("code 1\nuntouched\n"), "{finished:?}");
    assert!(!finished.stdout.contains("before-v"), "{finished:?}");
}

/// `hubbub-server` with a command, in a directory of data if one is given.
fn store(arguments: &[&str], data: Option<&Path>) -> Finished {
    let home = tempfile::tempdir().unwrap();
    let data = data.map(|path| path.to_str().unwrap());
    let arguments: Vec<_> = arguments.iter().copied().chain(data).collect();
    run_to_end("hubbub-server", &arguments, home.path(), LIMIT)
}

/// Says so many things at once; what they are called.
async fn say_many(client: &mut TestClient, number: usize) -> Vec<RequestId> {
    let mut ids = Vec::new();
    for text in 0..number {
        ids.push(client.say("lobby", &format!("m{text}")).await);
    }
    ids
}

/// A data directory and what may be done to it.
struct Data {
    directory: TempDir,
}

impl Data {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("hub.sqlite3")
    }

    /// Has a hub make its files, with one message in them.
    fn begin(&self) {
        let mut server = ServerProcess::start(Some(self.path()), &[]);
        block_on(async {
            let mut ana = TestClient::person(server.address(), "Ana", 1).await;
            ana.join("lobby").await;
            ana.say_acked("lobby", "keep me").await;
        });
        server.terminate();
        assert_eq!(server.wait().code(), Some(0));
    }

    fn run(&self) -> Finished {
        let data = self.path().to_str().unwrap();
        run_to_end("hubbub-server", &["-p", "0", "--data", data], self.path(), LIMIT)
    }

    fn is_refused_and_untouched(&self, words: &str) {
        let before = self.contents();
        refused(&self.run(), words);
        assert_eq!(self.contents(), before);
    }

    /// Runs a hub that may read everything here and write nothing. To the superuser everything
    /// is permitted, who therefore runs it as nobody.
    fn run_without_permission(&self) -> Finished {
        let is_root = rustix::process::geteuid().is_root();
        let program = self.path().join("hubbub-server");
        fs::copy(tests::program("hubbub-server"), &program).unwrap();
        self.permit(0o555, 0o444);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o555)).unwrap();
        let mut command = Command::new(&program);
        command.args(["-p", "0", "--data"]).arg(self.path());
        if is_root {
            command.uid(65534).gid(65534);
        }
        let finished = tests::run_command(command, LIMIT);
        self.permit(0o755, 0o644);
        fs::remove_file(program).unwrap();
        finished
    }

    fn permit(&self, directory: u32, files: u32) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::set_permissions(path, fs::Permissions::from_mode(files)).unwrap();
        }
        fs::set_permissions(self.path(), fs::Permissions::from_mode(directory)).unwrap();
    }

    /// Every file but the lock, which only says who holds it.
    fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut contents: Vec<_> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e.to_string_lossy().starts_with("sql")))
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        contents.sort();
        contents
    }
}

/// It ended with an error, and with one sentence for a person that has these words in it.
#[track_caller]
fn refused(finished: &Finished, words: &str) {
    assert!(finished.code.is_some_and(|code| code != 0), "{finished:?}");
    assert_eq!(finished.stdout, "", "stdout says only where a hub listens");
    let lines: Vec<_> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "one sentence: {lines:#?}");
    assert!(lines[0].to_lowercase().contains(words), "{words:?} is not in {:?}", lines[0]);
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}
