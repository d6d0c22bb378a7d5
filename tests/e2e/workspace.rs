//! What the README tells people to type exists.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn the_commands_of_the_readme_exist() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let readme = fs::read_to_string(top.join("README.md")).expect("a README");
    let ci = fs::read_to_string(top.join(".ci/run")).expect(".ci/run");
    for command in ["cargo run --release -- host", "cargo test --workspace"] {
        assert!(readme.contains(command), "the README does not say `{command}`");
    }
    assert!(ci.contains("\ncargo test --workspace\n"), ".ci/run runs the README's test command");
}

#[test]
fn the_files_that_the_readme_points_to_exist() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let readme = fs::read_to_string(top.join("README.md")).expect("a README");
    for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let is_here = !target.contains("://") && !target.starts_with('#');
        let path = target.split('#').next().unwrap_or_default();
        assert!(!is_here || top.join(path).exists(), "the README points to {target}");
    }
}

#[test]
fn each_claim_in_the_table_of_features_has_its_test() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let readme = fs::read_to_string(top.join("README.md")).expect("a README");
    let table = readme.split_once("| | Hubbub |").expect("a table of features").1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let sources =
        sources(&["tests/e2e", "tui-client/src", "tui-client/tests"].map(|at| top.join(at)));
    let mut claims = 0;
    for row in rows {
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test is named in: {row}");
        for test in named {
            assert!(sources.contains(&format!("fn {test}(")), "there is no test `{test}`: {row}");
            claims += 1;
        }
    }
    assert!(claims >= 20, "only {claims} claims were found");
}

fn sources(directories: &[PathBuf]) -> String {
    let entries =
        directories.iter().flat_map(|directory| fs::read_dir(directory).expect("a folder"));
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| match path.extension() {
            Some(extension) if extension == "rs" => fs::read_to_string(&path).expect("a source"),
            _ if path.is_dir() => sources(&[path]),
            _ => String::new(),
        })
        .collect()
}
