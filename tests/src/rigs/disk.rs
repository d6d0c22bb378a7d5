//! A library between a program and its disk (`disk.c`), compiled when it is first used.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::Launch;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rigs/disk.c");

/// What happens between a hub and its disk.
#[derive(Clone, Debug)]
pub enum Disk<'a> {
    /// All changes are written down there.
    Journal(&'a Path),
    /// The sync of this number fails, and all changes are written down there.
    FailingSync(u32, &'a Path),
    /// The wall clock is wrong by as many seconds as that file says.
    Clock(&'a Path),
}

impl Disk<'_> {
    /// The same hub with this between it and its disk.
    pub fn under(&self, launch: &Launch) -> Launch {
        let files = launch.data().as_os_str().to_owned();
        let launch = launch.clone().with_variable("LD_PRELOAD", library());
        let launch = launch.with_variable("HUBBUB_DISK_FILES", files);
        match self {
            Self::Journal(journal) => launch.with_variable("HUBBUB_DISK_JOURNAL", *journal),
            Self::FailingSync(number, journal) => launch
                .with_variable("HUBBUB_DISK_FAIL", number.to_string())
                .with_variable("HUBBUB_DISK_JOURNAL", *journal),
            Self::Clock(file) => launch.with_variable("HUBBUB_DISK_CLOCK", *file),
        }
    }
}

/// The library, beside the program that runs the tests.
pub(crate) fn library() -> OsString {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| {
        let here = std::env::current_exe().expect("the test's own path");
        let path = here.with_file_name("disk.so");
        // Several programs may build it at once.
        let mine = here.with_file_name(format!("disk.so.{}", std::process::id()));
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&mine);
        let built = command.args([SOURCE, "-ldl", "-lpthread"]).output().expect("run cc");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        fs::rename(mine, &path).expect("rename");
        path
    });
    path.into()
}
