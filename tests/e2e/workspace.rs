//! What the README tells people to type exists.

use std::{fs, path::Path};

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
