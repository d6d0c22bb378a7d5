//! Which of a terminal's colours can be read on a background. PURE.

use ratatui::style::Color;

use super::{
    colour::{READABLE, Rgb, Tint},
    ground::Depth,
};

/// The terminal's own colours that are hues, as xterm has them. Its user may have others, which
/// then are others for this background.
const OWN: [(Color, Rgb); 12] = [
    (Color::Cyan, Rgb(0, 205, 205)),
    (Color::Green, Rgb(0, 205, 0)),
    (Color::Magenta, Rgb(205, 0, 205)),
    (Color::Yellow, Rgb(205, 205, 0)),
    (Color::Red, Rgb(205, 0, 0)),
    (Color::Blue, Rgb(0, 0, 238)),
    (Color::LightCyan, Rgb(0, 255, 255)),
    (Color::LightGreen, Rgb(0, 255, 0)),
    (Color::LightMagenta, Rgb(255, 0, 255)),
    (Color::LightYellow, Rgb(255, 255, 0)),
    (Color::LightRed, Rgb(255, 0, 0)),
    (Color::LightBlue, Rgb(92, 92, 255)),
];
/// How far colours must be from each other to be told apart.
const APART: f64 = 0.05;
/// The first of the colours that are the same in all terminals that have 256.
const FIXED_FROM: u8 = 16;
/// The first of the greys among them.
const GREYS_FROM: u8 = 232;
/// The steps of the cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Those of the terminal's own that can be read.
pub(super) fn own(background: Rgb) -> impl Iterator<Item = Color> {
    let readable = OWN.into_iter().filter(move |(_, rgb)| rgb.is_readable_on(background));
    readable.map(|(colour, _)| colour)
}

/// The colour nearest to a tint that can be read, and told apart from those that are taken;
/// `None` if there is none.
pub(super) fn nearest(tint: Tint, depth: Depth, background: Rgb, taken: &[Color]) -> Option<Color> {
    let wanted = tint.readable_on(background);
    let is_apart = |rgb: Rgb| {
        let mut taken = taken.iter().filter_map(|colour| shown(*colour));
        taken.all(|other| rgb.distance(other) >= APART)
    };
    match depth {
        Depth::Mono | Depth::Sixteen => None,
        Depth::True => Some(Color::Rgb(wanted.0, wanted.1, wanted.2)).filter(|_| is_apart(wanted)),
        Depth::Indexed => {
            let hues = fixed().filter(|(_, rgb)| !rgb.is_grey());
            let readable = hues.filter(|(_, rgb)| rgb.is_readable_on(background));
            let apart = readable.filter(|(_, rgb)| is_apart(*rgb));
            nearest_to(wanted, apart)
        }
    }
}

fn nearest_to(wanted: Rgb, among: impl Iterator<Item = (Color, Rgb)>) -> Option<Color> {
    let near = |(_, rgb): &(Color, Rgb)| rgb.distance(wanted);
    let nearest = among.min_by(|one, other| near(one).total_cmp(&near(other)))?;
    Some(nearest.0)
}

/// Something between text and background that can just be read.
pub(super) fn grey(depth: Depth, background: Rgb, foreground: Option<Rgb>) -> Option<Color> {
    let contrary = if background.is_dark() { Rgb::WHITE } else { Rgb::BLACK };
    let text = foreground.filter(|text| text.is_readable_on(background)).unwrap_or(contrary);
    match depth {
        Depth::Mono | Depth::Sixteen => None,
        Depth::True => {
            let steps = (1..=100).map(|step| background.towards(text, f64::from(step) / 100.0));
            let grey = steps.into_iter().find(|grey| grey.is_readable_on(background))?;
            Some(Color::Rgb(grey.0, grey.1, grey.2))
        }
        Depth::Indexed => {
            let greys = fixed().filter(|(_, rgb)| rgb.is_grey());
            let readable = greys.filter(|(_, rgb)| rgb.is_readable_on(background));
            let excess = |rgb: Rgb| rgb.contrast(background) - READABLE;
            readable.min_by(|one, other| excess(one.1).total_cmp(&excess(other.1))).map(|it| it.0)
        }
    }
}

/// The colours of a terminal with 256 that are the same everywhere.
fn fixed() -> impl Iterator<Item = (Color, Rgb)> {
    (FIXED_FROM..=u8::MAX).map(|index| (Color::Indexed(index), rgb(index)))
}

fn rgb(index: u8) -> Rgb {
    if index >= GREYS_FROM {
        let grey = 8 + 10 * (index - GREYS_FROM);
        return Rgb(grey, grey, grey);
    }
    let number = usize::from(index - FIXED_FROM);
    Rgb(CUBE[number / 36], CUBE[number / 6 % 6], CUBE[number % 6])
}

/// What a colour is; of the terminal's own, what it usually is.
pub(super) fn shown(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Rgb(red, green, blue) => Some(Rgb(red, green, blue)),
        Color::Indexed(index @ FIXED_FROM..) => Some(rgb(index)),
        own => OWN.into_iter().find(|(known, _)| *known == own).map(|(_, rgb)| rgb),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_256_colours_are_those_of_xterm() {
        assert_eq!(rgb(16), Rgb::BLACK);
        assert_eq!(rgb(231), Rgb::WHITE);
        assert_eq!(rgb(208), Rgb(255, 135, 0));
        assert_eq!(rgb(232), Rgb(8, 8, 8));
        assert_eq!(rgb(255), Rgb(238, 238, 238));
    }

    #[test]
    fn of_the_terminals_own_only_those_are_left_that_can_be_read() {
        let dark: Vec<Color> = own(Rgb::BLACK).collect();
        assert!(dark.contains(&Color::Yellow) && !dark.contains(&Color::Blue), "{dark:?}");
        let light: Vec<Color> = own(Rgb::WHITE).collect();
        assert!(light.contains(&Color::Blue) && !light.contains(&Color::Yellow), "{light:?}");
    }
}
