//! Colours as light: how they are told by terminals, how well one is read on another, and how
//! to find one of a given hue that is read well enough. PURE.

/// What WCAG 2 asks of text at its level AA: the ratio of the luminances of text and background.
pub(super) const READABLE: f64 = 4.5;
/// How far lightness goes with each attempt to find a colour that can be read.
const STEP: f64 = 0.01;

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour by lightness (0 to 1), chroma and hue (in degrees), in OKLCH: equal steps look equal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tint {
    pub(super) lightness: f64,
    pub(super) chroma: f64,
    pub(super) hue: f64,
}

impl Rgb {
    /// No light.
    pub const BLACK: Self = Self(0, 0, 0);
    /// All light.
    pub const WHITE: Self = Self(255, 255, 255);

    /// What a terminal says: `rgb:1e1e/1e1e/1e1e` or `rgba:…/ffff`, with one to four hex digits
    /// for each part, or `#1e1e1e` with as many for all three.
    pub fn parse(told: &str) -> Option<Self> {
        if let Some(digits) = told.strip_prefix('#') {
            let each = digits.len() / 3;
            let is_even = digits.is_ascii() && each * 3 == digits.len();
            let part = |index: usize| digits.get(index * each..(index + 1) * each).and_then(part);
            return Some(Self(part(0)?, part(1)?, part(2)?)).filter(|_| is_even);
        }
        let (parts, count) = match told.strip_prefix("rgb:") {
            Some(parts) => (parts, 3),
            None => (told.strip_prefix("rgba:")?, 4),
        };
        let parts: Vec<u8> = parts.split('/').map(part).collect::<Option<_>>()?;
        match parts[..] {
            [red, green, blue, ..] if parts.len() == count => Some(Self(red, green, blue)),
            _ => None,
        }
    }

    /// How well one is read on the other, from 1 (not at all) to 21: the contrast ratio of
    /// WCAG 2.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// Whether it can be read on this.
    pub fn is_readable_on(self, background: Self) -> bool {
        self.contrast(background) >= READABLE
    }

    /// Whether it has no hue.
    pub fn is_grey(self) -> bool {
        self.0 == self.1 && self.1 == self.2
    }

    /// Whether what is written on it has to be lighter than it.
    pub fn is_dark(self) -> bool {
        Self::WHITE.contrast(self) >= Self::BLACK.contrast(self)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How different two colours look: their distance in OKLab.
    pub(super) fn distance(self, other: Self) -> f64 {
        let pairs = self.lab().into_iter().zip(other.lab());
        pairs.map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
    }

    /// A part of the way to another colour, from 0 to 1.
    pub(super) fn towards(self, other: Self, part: f64) -> Self {
        let mix = |from: u8, to: u8| {
            byte((f64::from(from) + (f64::from(to) - f64::from(from)) * part) / 255.0)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn lab(self) -> [f64; 3] {
        let cones = times(TO_CONES, self.linear()).map(f64::cbrt);
        times(TO_LAB, cones)
    }
}

impl Tint {
    /// The colour nearest to this that can be read on a background: as light as this, or lighter
    /// (on what is dark), or darker. White or black at the end: one of them always can.
    pub(super) fn readable_on(self, background: Rgb) -> Rgb {
        let by = if background.is_dark() { STEP } else { -STEP };
        let mut lightness = self.lightness;
        while (0.0..=1.0).contains(&lightness) {
            let colour = Self { lightness, ..self }.shown();
            if colour.is_readable_on(background) {
                return colour;
            }
            lightness += by;
        }
        if background.is_dark() { Rgb::WHITE } else { Rgb::BLACK }
    }

    /// As a screen can show it: with as much chroma as there is at that lightness.
    fn shown(self) -> Rgb {
        let mut chroma = self.chroma;
        loop {
            let (sine, cosine) = self.hue.to_radians().sin_cos();
            let lab = [self.lightness, chroma * cosine, chroma * sine];
            let linear = times(FROM_CONES, times(FROM_LAB, lab).map(|cone| cone.powi(3)));
            let is_there = linear.iter().all(|part| (-0.0001..=1.0001).contains(part));
            if is_there || chroma <= 0.0 {
                let [red, green, blue] = linear.map(|part| byte(encoded(part)));
                return Rgb(red, green, blue);
            }
            chroma -= STEP;
        }
    }
}

/// One to four hex digits; `f` and `ffff` are all there is.
fn part(digits: &str) -> Option<u8> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !(1..=4).contains(&digits.len()) || !is_hex {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = (1_u32 << (4 * digits.len())) - 1;
    u8::try_from((value * 255 + most / 2) / most).ok()
}

fn encoded(part: f64) -> f64 {
    if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 }
}

#[expect(clippy::cast_sign_loss, reason = "it is not negative")]
fn byte(part: f64) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0).round() as u8
}

type Matrix = [[f64; 3]; 3];

/// From linear sRGB to what the eye's cones see, and on to OKLab:
/// <https://bottosson.github.io/posts/oklab/>.
const TO_CONES: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const TO_LAB: Matrix = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
/// And back.
const FROM_LAB: Matrix = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const FROM_CONES: Matrix = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn times(matrix: Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(one, other)| one * other).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_terminals_say_is_understood_in_every_length() {
        for told in ["rgb:1e1e/2f2f/ffff", "rgb:1e/2f/ff", "rgba:1e1e/2f2f/ffff/8000", "#1e2fff"] {
            assert_eq!(Rgb::parse(told), Some(Rgb(0x1e, 0x2f, 0xff)), "{told}");
        }
        assert_eq!(Rgb::parse("rgb:f/0/8"), Some(Rgb(255, 0, 0x88)));
        assert_eq!(Rgb::parse("rgb:fff/000/800"), Some(Rgb(255, 0, 128)));
        assert_eq!(Rgb::parse("#fff"), Some(Rgb::WHITE));
        for told in ["", "rgb:", "rgb:1/2", "rgb:1/2/3/4", "rgba:1/2/3", "rgb:12345/0/0", "#1234"] {
            assert_eq!(Rgb::parse(told), None, "{told}");
        }
        for told in ["rgb:+1/0/0", "rgb:/0/0", "rgb:gg/0/0", "cmyk:1/2/3", "#日日", "rgb:1/2/3 "]
        {
            assert_eq!(Rgb::parse(told), None, "{told}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let about = |ratio: f64| (ratio * 100.0).round() / 100.0;
        assert!((Rgb::BLACK.contrast(Rgb::WHITE) - 21.0).abs() < 1e-9);
        assert!((about(Rgb(0x77, 0x77, 0x77).contrast(Rgb::WHITE)) - 4.48).abs() < 1e-9);
        assert!((about(Rgb(0x76, 0x76, 0x76).contrast(Rgb::WHITE)) - 4.54).abs() < 1e-9);
        assert!((about(Rgb(255, 0, 0).contrast(Rgb::BLACK)) - 5.25).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn any_hue_can_be_read_on_any_background(
            red: u8, green: u8, blue: u8, lightness in 0.0..1.0, chroma in 0.0..0.3,
            hue in 0.0..360.0,
        ) {
            let background = Rgb(red, green, blue);
            let colour = Tint { lightness, chroma, hue }.readable_on(background);
            let contrast = colour.contrast(background);
            prop_assert!(contrast >= 4.5, "{colour:?} on {background:?}: {contrast}");
        }

        #[test]
        fn nothing_a_terminal_says_is_too_much(told in "(rgba?:|#)?[0-9a-f/]{0,30}") {
            let _ = Rgb::parse(&told);
        }
    }
}
