//! How well a few typed letters fit a name: they must be in it, in their order. And which name
//! was meant by a word that is none. PURE.

/// For each letter that is there.
const LETTER: i64 = 16;
/// For one with which the name or a word of it begins.
const BEGINS: i64 = 24;
/// For one right behind the one before.
const FOLLOWS: i64 = 20;
/// For every letter left out between two.
const SKIPPED: i64 = 3;
/// So many letters of the name that were not typed count, by one each.
const LEFT_MAX: usize = 12;
/// Longer names are looked at no further.
const LENGTH_MAX: usize = 128;
/// So long is a word at least that another may go on from: `me` says nothing about `media`.
const GOES_ON_MIN: usize = 4;

/// How well `typed` fits `name`, the better the higher; `None` if it does not. Upper and lower
/// case and blanks make no difference.
pub(crate) fn score(typed: &str, name: &str) -> Option<i64> {
    let typed: Vec<char> = lowered(typed).filter(|c| !c.is_whitespace()).collect();
    let name = &name.chars().take(LENGTH_MAX).collect::<String>();
    let letters: Vec<char> = lowered(name).collect();
    let begins = beginnings(name, letters.len());
    let Some((first, rest)) = typed.split_first() else { return Some(0) };
    let value = |at: usize| LETTER + if begins[at] { BEGINS } else { 0 };
    let is_at = |at: usize, c: char| letters[at] == c;
    // For each place in the name the best that the letters so far come to if the last is there.
    let mut best: Vec<Option<i64>> =
        (0..letters.len()).map(|at| is_at(at, *first).then(|| value(at))).collect();
    for letter in rest {
        let mut before = None;
        let mut next = vec![None; letters.len()];
        for at in 1..letters.len() {
            let follows = best[at - 1].map(|score| score + FOLLOWS);
            if is_at(at, *letter) {
                next[at] = before.max(follows).map(|score| score + value(at));
            }
            before = before.max(best[at - 1]).map(|score| score - SKIPPED);
        }
        best = next;
    }
    let left = letters.len().saturating_sub(typed.len()).min(LEFT_MAX);
    let left = i64::try_from(left).unwrap_or(0);
    best.into_iter().flatten().max().map(|score| score - left)
}

fn lowered(text: &str) -> impl Iterator<Item = char> {
    // One for each, so that places in both spellings are the same.
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c))
}

/// Where the name or a word of it begins.
fn beginnings(name: &str, count: usize) -> Vec<bool> {
    let mut begins = vec![false; count];
    let mut before = None;
    for (at, c) in name.chars().enumerate() {
        let is_word = c.is_alphanumeric();
        let after = before.is_none_or(|before: char| {
            !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase())
        });
        begins[at] = is_word && after;
        before = Some(c);
    }
    begins
}

/// The name that was most likely meant by a word that is none: one that differs by a letter or
/// two, or else one that goes on where the other ends.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let far = |name: &str| {
        let name = name.to_lowercase();
        let distance = distance(&word, &name);
        let is_near = distance <= 2 && distance < name.chars().count();
        (is_near || goes_on(&word, &name)).then_some((!is_near, distance))
    };
    let near = names.into_iter().filter_map(|name| far(name).map(|far| (far, name)));
    near.min().map(|(_, name)| name)
}

fn goes_on(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() >= GOES_ON_MIN && long.starts_with(short)
}

/// Levenshtein distance, in characters.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, b) in other.chars().enumerate() {
            let exchange = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = exchange.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names that fit, the best first.
    fn ranked<'a>(typed: &str, names: &[&'a str]) -> Vec<&'a str> {
        let mut fitting: Vec<(i64, &str)> =
            names.iter().filter_map(|name| Some((score(typed, name)?, *name))).collect();
        fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        fitting.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn letters_have_to_be_there_in_their_order() {
        assert_eq!(ranked("gms", &["games", "smog", "gm"]), ["games"]);
        assert!(score("", "anything").is_some());
        assert!(score("x", "").is_none());
    }

    #[test]
    fn beginnings_come_before_middles_and_whole_words_before_scattered_letters() {
        assert_eq!(ranked("ro", &["metro", "a-room", "rooms"]), ["rooms", "a-room", "metro"]);
        assert_eq!(ranked("lob", &["all-our-books", "globe", "lobby"])[0], "lobby");
        assert_eq!(ranked("rd", &["board", "rust-dev", "roads"])[0], "rust-dev");
        assert_eq!(ranked("bob", &["@Bobby", "@Bob"]), ["@Bob", "@Bobby"]);
        assert_eq!(ranked("dw", &["window", "DanWilson"])[0], "DanWilson");
    }

    #[test]
    fn the_best_place_counts_and_not_the_first() {
        assert!(score("dev", "door-dev").unwrap() > score("dev", "door-edv-ev").unwrap());
        assert_eq!(ranked("ÜB", &["über"]), ["über"]);
    }

    #[test]
    fn a_misspelt_or_half_written_name_is_guessed() {
        let names = ["quit", "next-room", "join", "me"];
        let guess = |word| nearest(word, names);
        assert_eq!(guess("jion"), Some("join"));
        assert_eq!(guess("NEXT_ROOM"), Some("next-room"));
        assert_eq!(guess("quit-all"), Some("quit"));
        assert_eq!(guess("next"), Some("next-room"));
        assert_eq!(guess("media"), None);
        assert_eq!(guess("etc/passwd"), None);
    }

    proptest! {
        #[test]
        fn whoever_types_a_name_finds_it_first(
            names in prop::collection::hash_set("[a-z]{1,8}", 1..12),
            at in any::<prop::sample::Index>(),
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let wanted = names[at.index(names.len())];
            prop_assert_eq!(ranked(wanted, &names)[0], wanted);
        }

        #[test]
        fn any_letters_left_out_leave_it_among_what_fits(
            name in "[a-zA-Zé日@/ -]{1,20}", keep in prop::collection::vec(any::<bool>(), 20),
        ) {
            let typed: String =
                name.chars().zip(keep).filter(|(_, keep)| *keep).map(|(c, _)| c).collect();
            prop_assert!(score(&typed, &name).is_some());
        }
    }
}
