//! The sources keep the rules of `tests::tidy`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tests::tidy::problems;

#[test]
fn sources_keep_the_rules() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let files = sources(top);
    assert!(files.len() > 20, "found only {} files", files.len());
    let found: Vec<String> = files.iter().flat_map(|file| problems_of(top, file)).collect();
    assert!(found.is_empty(), "{} problems:\n{}", found.len(), found.join("\n"));
}

fn problems_of(top: &Path, file: &Path) -> Vec<String> {
    let path = file.strip_prefix(top).expect("below the top").to_str().expect("UTF-8");
    problems(path, &fs::read_to_string(file).expect("a readable file"))
}

/// Every source of the packages, sorted.
fn sources(top: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories: Vec<PathBuf> =
        ["protocol", "server", "tui-client", "tests"].map(|package| top.join(package)).into();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
