//! How many colours a terminal has, as the system's own description of it says: the files that
//! `term(5)` describes.

use std::{env, fs, path::PathBuf};

/// Where descriptions are, beside what the environment names.
const PLACES: [&str; 5] = [
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
    "/usr/local/share/terminfo",
];
/// Numbers of 16 bits.
const OLD: u16 = 0o432;
/// Numbers of 32 bits.
const NEW: u16 = 0o1036;
/// Six numbers of 16 bits.
const HEADER: usize = 12;
/// Where the number of colours stands among the numbers.
const MAX_COLOURS: usize = 13;

/// How many it has; 0, none. `None` where the terminal is not described.
pub(super) fn colours(term: &str) -> Option<u32> {
    let first = term.chars().next()?;
    if term.contains('/') || term.starts_with('.') {
        return None;
    }
    let by_letter = |place: &PathBuf| place.join(first.to_string()).join(term);
    let by_number = |place: &PathBuf| place.join(format!("{:x}", u32::from(first))).join(term);
    let files = places().into_iter().flat_map(|place| [by_letter(&place), by_number(&place)]);
    let found = files.into_iter().find_map(|file| fs::read(file).ok())?;
    colours_in(&found)
}

fn places() -> Vec<PathBuf> {
    let named = env::var_os("TERMINFO").map(PathBuf::from);
    let own = env::var_os("HOME").map(|home| PathBuf::from(home).join(".terminfo"));
    let listed = env::var_os("TERMINFO_DIRS").unwrap_or_default();
    let listed = env::split_paths(&listed).filter(|place| !place.as_os_str().is_empty());
    let usual = PLACES.iter().map(PathBuf::from);
    named.into_iter().chain(own).chain(listed).chain(usual).collect()
}

fn colours_in(description: &[u8]) -> Option<u32> {
    let number = |at: usize| {
        let bytes = description.get(at..at + 2)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    };
    let size = match number(0)? {
        OLD => 2,
        NEW => 4,
        _ => return None,
    };
    let (names, flags, numbers) = (number(2)?, number(4)?, number(6)?);
    if usize::from(numbers) <= MAX_COLOURS {
        return Some(0);
    }
    // Numbers begin at an even place.
    let start = (HEADER + usize::from(names) + usize::from(flags)).next_multiple_of(2);
    let mut bytes = [0; 4];
    let at = start + MAX_COLOURS * size;
    bytes[..size].copy_from_slice(description.get(at..at + size)?);
    let colours = u32::from_le_bytes(bytes);
    // All ones, or all but the last: there is no such number.
    let missing = if size == 2 { 0xfffe } else { 0xffff_fffe };
    Some(if colours >= missing { 0 } else { colours })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A description with one name, one flag and these numbers.
    fn description(magic: u16, numbers: &[i32]) -> Vec<u8> {
        let header = [magic, 2, 1, numbers.len() as u16, 0, 0];
        let mut bytes: Vec<u8> = header.into_iter().flat_map(u16::to_le_bytes).collect();
        bytes.extend([b'x', 0, 1, 0]);
        let size = if magic == OLD { 2 } else { 4 };
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()[..size].to_vec()));
        bytes
    }

    fn with_colours(colours: i32) -> Vec<i32> {
        [vec![-1; MAX_COLOURS], vec![colours]].concat()
    }

    #[test]
    fn the_number_of_colours_is_found_in_both_formats() {
        assert_eq!(colours_in(&description(OLD, &with_colours(256))), Some(256));
        assert_eq!(colours_in(&description(NEW, &with_colours(0x0100_0000))), Some(0x0100_0000));
        for none in [description(OLD, &with_colours(-1)), description(NEW, &with_colours(-1))] {
            assert_eq!(colours_in(&none), Some(0));
        }
        assert_eq!(colours_in(&description(OLD, &[80])), Some(0), "not as many numbers");
    }

    #[test]
    fn what_is_no_description_says_nothing() {
        let whole = description(OLD, &with_colours(256));
        for length in 0..whole.len() {
            assert_eq!(colours_in(&whole[..length]), None, "{length}");
        }
        assert_eq!(colours_in(b"not a description"), None);
        assert_eq!(colours("../x/xterm"), None);
        assert_eq!(colours(""), None);
        assert_eq!(colours("no-such-terminal"), None);
    }
}
