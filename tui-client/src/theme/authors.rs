//! Which colour a speaker has. PURE.
//!
//! Everybody prefers one by who they are, so that it is the same after a restart and in every
//! room. Whoever is seen in a room while that, or one like it, is taken has the next free one
//! there, and keeps it, whatever is scrolled or said: as many people as there are colours never
//! share one. Of those who come after them some have to; while two of them are on the screen the
//! one who was seen later moves to a colour that is free on it.

use ratatui::style::Color;

use super::{
    colour::{Rgb, Tint},
    ground::{Depth, Ground},
    readable,
};
use crate::timeline::Speaker;

/// How many colours there are for speakers where there are enough. More could not be told apart.
const HUES: u16 = 16;
/// The hue of the first one, in degrees.
const FIRST: f64 = 15.0;
/// How colourful they are.
const CHROMA: f64 = 0.15;
/// Neighbours differ in lightness, too, which is what people see who see fewer colours. On what
/// is dark; the more, the lighter.
const LIGHT: [f64; 2] = [0.72, 0.84];
/// On what is light.
const DARK: [f64; 2] = [0.42, 0.54];
/// How far the next colour is from one that is taken: about opposite.
const STRIDE: usize = 7;
/// Those of the terminal's own, where nothing is known of its background. Dark blue is missing:
/// on black it cannot be read.
const USUAL: [Color; 6] =
    [Color::Cyan, Color::Green, Color::Magenta, Color::Yellow, Color::Red, Color::LightBlue];

/// The colours that speakers may have: none where none can be read.
pub(super) fn colours(ground: Ground) -> Vec<Color> {
    match (ground.depth, ground.background) {
        (Depth::Mono, _) => Vec::new(),
        (_, None) => USUAL.into(),
        (Depth::Sixteen, Some(background)) => readable::own(background).collect(),
        (Depth::Indexed | Depth::True, Some(background)) => ring(ground.depth, background),
    }
}

fn ring(depth: Depth, background: Rgb) -> Vec<Color> {
    let lightness = if background.is_dark() { LIGHT } else { DARK };
    let mut colours = Vec::new();
    for number in 0..HUES {
        let hue = FIRST + 360.0 * f64::from(number) / f64::from(HUES);
        let lightness = lightness[usize::from(number % 2)];
        let tint = Tint { lightness, chroma: CHROMA, hue };
        colours.extend(readable::nearest(tint, depth, background, &colours));
    }
    colours
}

/// Who has which colour on one screen.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// Sorted.
    speakers: Vec<(Speaker, usize)>,
}

impl Cast {
    /// Gives everybody on the screen one of so many colours. `first`: those who were seen first
    /// in the room, in that order.
    pub fn of(on_screen: impl Iterator<Item = Speaker>, first: &[Speaker], colours: usize) -> Self {
        let mut speakers: Vec<Speaker> = on_screen.collect();
        if colours == 0 || speakers.is_empty() {
            return Self::default();
        }
        speakers.sort_unstable();
        speakers.dedup();
        let homes = homes(first, colours);
        let mut taken = vec![false; colours];
        let speakers = speakers.into_iter().map(|speaker| {
            let place = match homes.get(usize::from(speaker.order)) {
                Some(home) => *home,
                None => free(preferred(speaker, colours), &taken),
            };
            taken[place] = true;
            (speaker, place)
        });
        Self { speakers: speakers.collect() }
    }

    /// Which of the colours it is; `None` for somebody who is not on the screen.
    pub(super) fn place(&self, speaker: Speaker) -> Option<usize> {
        let index = self.speakers.binary_search_by_key(&speaker, |(known, _)| *known).ok()?;
        Some(self.speakers[index].1)
    }
}

/// The colours of as many people as there are colours: no two have the same.
fn homes(first: &[Speaker], colours: usize) -> Vec<usize> {
    let mut taken = vec![false; colours];
    let first = first.iter().take(colours);
    let home = |speaker: &Speaker| {
        let place = free(preferred(*speaker, colours), &taken);
        taken[place] = true;
        place
    };
    first.map(home).collect()
}

fn preferred(speaker: Speaker, colours: usize) -> usize {
    usize::from(speaker.hash) % colours
}

/// This place, or the next one that is free: if there is one, with free ones beside it, as
/// neighbours are alike. Where all are taken, this one.
fn free(wanted: usize, taken: &[bool]) -> usize {
    let count = taken.len();
    let stride = if count.is_multiple_of(STRIDE) { 1 } else { STRIDE };
    let places = || (0..count).map(|step| (wanted + step * stride) % count);
    let is_free = |place: &usize| !taken[*place];
    let is_apart = |place: &usize| {
        [count - 1, 0, 1].into_iter().all(|away| is_free(&((place + away) % count)))
    };
    places().find(is_apart).or_else(|| places().find(is_free)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people(hashes: &[u16]) -> Vec<Speaker> {
        (0..).zip(hashes).map(|(order, hash)| Speaker { order, hash: *hash }).collect()
    }

    fn places(on_screen: &[Speaker], first: &[Speaker], colours: usize) -> Vec<usize> {
        let cast = Cast::of(on_screen.iter().copied(), first, colours);
        on_screen.iter().filter_map(|speaker| cast.place(*speaker)).collect()
    }

    #[test]
    fn who_comes_later_has_the_next_free_colour_and_keeps_it() {
        let people = people(&[3, 3, 10, 3]);
        assert_eq!(places(&people, &people, 16), [3, 10, 1, 8]);
        assert_eq!(places(&people[1..2], &people, 16), [10], "also alone on the screen");
        assert_eq!(places(&people[..2], &people[..2], 16), [3, 10], "also before others came");
    }

    #[test]
    fn neighbours_are_taken_last() {
        let people = people(&[3, 4, 5, 12]);
        assert_eq!(places(&people, &people, 16), [3, 11, 5, 1]);
        assert_eq!(places(&people[..3], &people[..3], 3), [0, 1, 2]);
    }

    #[test]
    fn where_there_are_no_colours_nobody_has_one() {
        let people = people(&[1]);
        assert_eq!(places(&people, &people, 0), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn nobody_shares_while_there_are_enough(
            hashes in prop::collection::vec(any::<u16>(), 1..60), colours in 1_usize..20,
            start in 0_usize..60, count in 1_usize..20,
        ) {
            let people = people(&hashes);
            let on_screen: Vec<Speaker> =
                people.iter().copied().skip(start).take(count.min(colours)).collect();
            let mut found = places(&on_screen, &people, colours);
            prop_assert_eq!(found.len(), on_screen.len());
            found.sort_unstable();
            found.dedup();
            prop_assert_eq!(found.len(), on_screen.len());
        }

        #[test]
        fn as_many_as_there_are_colours_never_change_theirs(
            hashes in prop::collection::vec(any::<u16>(), 1..60), colours in 1_usize..20,
            start in 0_usize..20, count in 1_usize..40,
        ) {
            let people = people(&hashes);
            let all = places(&people[..colours.min(people.len())], &people, colours);
            let seen: Vec<Speaker> = people.iter().copied().skip(start).take(count).collect();
            let known_then = &people[..(start + count).min(people.len())];
            let now = places(&seen, known_then, colours);
            for (speaker, place) in seen.iter().zip(now) {
                if let Some(home) = all.get(usize::from(speaker.order)) {
                    prop_assert_eq!(place, *home);
                }
            }
        }
    }
}
