//! Real files, and what is told of them.

use std::{fs, time::Duration};

use tempfile::TempDir;
use tokio::time::timeout;

use super::*;

fn file_in(home: &TempDir) -> SettingsFile {
    SettingsFile { path: home.path().join("hubbub").join("client.toml"), is_named: false }
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(file: &SettingsFile, text: &str) {
    fs::create_dir_all(file.path.parent().unwrap()).unwrap();
    fs::write(&file.path, text).unwrap();
}

/// As editors do: another file takes its place.
fn replace(file: &SettingsFile, text: &str) {
    let other = file.path.with_extension("new");
    fs::write(&other, text).unwrap();
    fs::rename(other, &file.path).unwrap();
}

fn loaded(file: &SettingsFile) -> Loaded {
    file.clone().load().unwrap()
}

/// What is told next.
async fn told(watch: &mut Watch) -> Result<Reading, String> {
    match timeout(Duration::from_secs(20), watch.changed()).await.unwrap() {
        Event::Preferences(reread) => reread.outcome,
        event => panic!("{event:?}"),
    }
}

async fn is_mouse_taken(watch: &mut Watch) -> bool {
    told(watch).await.unwrap().config.preferences.mouse
}

#[test]
fn a_file_that_nobody_wrote_is_no_fault_and_one_that_was_named_is() {
    let home = home();
    let file = file_in(&home);
    let loaded = loaded(&file);
    assert_eq!((loaded.config, loaded.complaint), (Config::default(), None));
    let named = SettingsFile { is_named: true, ..file };
    let error = named.load().unwrap_err().to_string();
    assert!(error.starts_with("there is no settings file /") && error.ends_with("client.toml"));
}

#[test]
fn what_cannot_be_read_is_told_at_the_start() {
    let home = home();
    let file = file_in(&home);
    fs::create_dir_all(&file.path).unwrap();
    let complaint = loaded(&file).complaint.unwrap();
    assert!(complaint.starts_with("can't read the settings in /"), "{complaint}");
    assert!(SettingsFile { is_named: true, ..file }.load().is_err());
}

#[test]
fn what_is_much_too_long_is_not_read() {
    let home = home();
    let file = file_in(&home);
    write(&file, &"# \n".repeat(BYTES_MAX as usize / 3 + 1));
    assert!(loaded(&file).complaint.unwrap().ends_with(" is too long for a settings file"));
}

#[test]
fn faults_are_told_with_the_name_of_the_file() {
    let home = home();
    let file = file_in(&home);
    write(&file, "mouse = false\ntyping = 3\n");
    let loaded = loaded(&file);
    assert!(!loaded.config.preferences.mouse);
    assert!(loaded.complaint.unwrap().starts_with("client.toml line 2: typing: takes true"));
    let Checked::Faults(faults) = file.check().unwrap() else { panic!("no faults") };
    assert!(faults.ends_with("hubbub/client.toml:2: typing: takes true or false, not 3\n"));
}

#[tokio::test]
async fn a_change_is_told_however_it_is_written_and_no_change_is_not() {
    let home = home();
    let file = file_in(&home);
    write(&file, "mouse = true\n");
    let mut watch = Watch::start(loaded(&file).watched);
    replace(&file, "mouse = false\n");
    assert!(!is_mouse_taken(&mut watch).await);
    write(&file, "mouse = true\n");
    assert!(is_mouse_taken(&mut watch).await);
    write(&file, "mouse = true\n");
    replace(&file, "mouse = true\n");
    write(&file, "mouse = false\n");
    assert!(!is_mouse_taken(&mut watch).await);
}

#[tokio::test]
async fn whether_something_counts_only_from_the_next_start_is_told() {
    let home = home();
    let file = file_in(&home);
    write(&file, "name = \"Ana\"\n");
    let mut watch = Watch::start(loaded(&file).watched);
    for (settings, waits) in [
        ("name = \"Bob\"\n", true),
        ("name = \"Ana\"\ntyping = false\n", false),
        ("name = \"Ana\"\nrooms = [\"games\"]\n", true),
    ] {
        replace(&file, settings);
        let Event::Preferences(reread) = watch.changed().await else { panic!("other news") };
        assert_eq!(reread.waits, waits, "{settings}");
    }
}

#[tokio::test]
async fn a_file_that_is_written_later_is_found_with_its_directory() {
    let home = home();
    let file = file_in(&home);
    let mut watch = Watch::start(loaded(&file).watched);
    assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err());
    write(&file, "mouse = false\n");
    assert!(!is_mouse_taken(&mut watch).await);
    replace(&file, "");
    assert!(is_mouse_taken(&mut watch).await);
}

#[tokio::test]
async fn where_a_link_leads_is_watched_too() {
    let (home, elsewhere) = (home(), home());
    let (file, target) = (file_in(&home), file_in(&elsewhere));
    write(&target, "mouse = true\n");
    fs::create_dir_all(file.path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&target.path, &file.path).unwrap();
    let mut watch = Watch::start(loaded(&file).watched);
    assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err());
    write(&target, "mouse = false\n");
    assert!(!is_mouse_taken(&mut watch).await);
}

#[tokio::test]
async fn a_file_that_is_gone_is_told_once_and_found_again() {
    let home = home();
    let file = file_in(&home);
    write(&file, "mouse = true\n");
    let mut watch = Watch::start(loaded(&file).watched);
    fs::remove_dir_all(file.path.parent().unwrap()).unwrap();
    assert_eq!(told(&mut watch).await, Err("client.toml is gone".to_owned()));
    assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err());
    write(&file, "mouse = false\n");
    assert!(!is_mouse_taken(&mut watch).await);
}

#[tokio::test]
async fn a_look_finds_what_the_system_did_not_tell_of() {
    let home = home();
    let file = file_in(&home);
    write(&file, "mouse = true\n");
    let mut watch = Watch::start(loaded(&file).watched);
    assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err());
    watch.be_deaf();
    replace(&file, "mouse = false\n");
    assert!(timeout(Duration::from_millis(300), watch.changed()).await.is_err());
    watch.look();
    assert!(!is_mouse_taken(&mut watch).await);
}
