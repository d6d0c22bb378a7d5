//! The settings file of the real `hubbub`.

use std::fs;

use tests::{Home, ServerProcess, TestTerminal};

/// A home in which the settings are these.
fn home_with(settings: &str) -> Home {
    let home = Home::of("somebody");
    save(&home, settings);
    home
}

/// As editors do: another file takes the place of the one that was there.
fn save(home: &Home, settings: &str) {
    let directory = home.path().join(".config/hubbub");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("new"), settings).expect("write the settings");
    fs::rename(directory.join("new"), directory.join("client.toml")).expect("put them there");
}

fn start(home: &Home, arguments: &[&str]) -> TestTerminal {
    let terminal = TestTerminal::hubbub(home, arguments);
    terminal.wait_for_text(" live ");
    terminal
}

fn hub(server: &ServerProcess) -> String {
    format!("host = \"127.0.0.1\"\nport = {}\n", server.address().port())
}

#[test]
fn name_hub_rooms_and_keys_are_those_of_the_settings() {
    let server = ServerProcess::start(None, &[]);
    let settings = "name = \"Ana\"\nrooms = [\"games\"]\n[keys]\n\"Ctrl+T\" = \"next-room\"\n";
    let home = home_with(&(hub(&server) + settings));
    let ana = start(&home, &[]);
    ana.wait_for_text(" live · Ana · lobby");
    ana.type_keys("<c-t>");
    ana.wait_for_text(" live · Ana · games");
    ana.type_keys("/help keys<ret>");
    ana.wait_for_text("Ctrl+N, Ctrl+T");
    drop(ana);
    let bob = start(&home, &["-n", "Bob"]);
    bob.wait_for_text(" live · Bob · lobby");
}

#[test]
fn a_change_of_the_settings_counts_at_once() {
    let server = ServerProcess::start(None, &[]);
    let settings = hub(&server) + "name = \"Ana\"\nrooms = [\"games\"]\n";
    let home = home_with(&settings);
    let ana = start(&home, &[]);
    ana.wait_for_text(" live · Ana · lobby");
    save(&home, &(settings.clone() + "[keys]\n\"Ctrl+T\" = \"next-room\"\n"));
    ana.wait_for_text("settings read again");
    ana.type_keys("kept<c-t>");
    ana.wait_for_text(" live · Ana · games");
    save(&home, &(settings.clone() + "[keys]\n\"Ctrl+T\" = \"next-rom\"\n"));
    ana.wait_for_text("client.toml line 6: keys.\"Ctrl+T\": no action next-rom");
    save(&home, &(settings + "[keys\n"));
    ana.wait_for_text("settings stay as they were; client.toml line 5");
    fs::remove_file(home.path().join(".config/hubbub/client.toml")).expect("remove it");
    ana.wait_for_text("client.toml is gone; the settings stay as they were");
    ana.type_keys("<c-p>");
    ana.wait_for_text("> kept");
}

#[test]
fn with_faults_it_starts_and_tells_the_first() {
    let server = ServerProcess::start(None, &[]);
    let faults = "colour = 1\nmouse = 3\n[keys]\n\"Ctrl+T\" = \"next-room\"\nEnter = \"none\"\n";
    let home = home_with(&(hub(&server) + "name = \"Ana\"\nrooms = [\"games\"]\n" + faults));
    let ana = start(&home, &[]);
    ana.wait_for_text("client.toml line 5: colour: no such setting");
    ana.type_keys("<c-t>");
    ana.wait_for_text(" live · Ana · games");
}

#[test]
fn nothing_is_written_while_files_come_and_go_beside_the_settings() {
    let server = ServerProcess::start(None, &[]);
    let settings = hub(&server) + "name = \"Ana\"\n";
    let home = home_with(&settings);
    let ana = start(&home, &[]);
    ana.wait_for_text("You are Ana in lobby");
    let before = ana.recorded().len();
    for number in 0..100 {
        fs::write(home.path().join(".config/hubbub").join(number.to_string()), "x").expect("write");
    }
    save(&home, &settings);
    save(&home, &(settings + "typing = false\n"));
    ana.wait_for_text("settings read again");
    let written = ana.recorded().len() - before;
    assert!(written < 400, "{written} bytes for one line");
}

#[test]
fn in_a_pipe_faults_are_a_line_and_no_failure() {
    let server = ServerProcess::start(None, &[]);
    let home = home_with(&(hub(&server) + "name = \"Ana\"\nmouse = 3\n"));
    let mut terminal = TestTerminal::shell(&home, "echo hello | \"$HUBBUB\"");
    assert!(terminal.wait_for_exit().success());
    let said = terminal.recorded_text();
    assert!(said.contains("client.toml line 4: mouse: takes true or false, not 3"), "{said}");
    assert!(said.contains("hello"), "{said}");
}
