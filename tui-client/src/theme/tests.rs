//! What can be read on any background, and what is told apart without colours.

use proptest::prelude::*;

use super::*;
use readable::shown;

/// Backgrounds of well-known themes, dark ones and light ones.
const BACKGROUNDS: [Rgb; 9] = [
    Rgb::BLACK,
    Rgb(0x10, 0x10, 0x10),
    Rgb(0x00, 0x2b, 0x36),
    Rgb(0x28, 0x2a, 0x36),
    Rgb(0x2e, 0x34, 0x40),
    Rgb::WHITE,
    Rgb(0xfd, 0xf6, 0xe3),
    Rgb(0xef, 0xf1, 0xf5),
    Rgb(0xea, 0xea, 0xea),
];

fn on(depth: Depth, background: Rgb) -> Palette {
    let background = Some(background);
    Palette::new(Ground { depth, background, foreground: None })
}

fn everything(palette: &Palette) -> Vec<Style> {
    let named = [
        Paint::Plain,
        Paint::Faint,
        Paint::Bold,
        Paint::Mention,
        Paint::Reversed,
        Paint::Alarm,
        Paint::Announcement,
    ];
    let authors = (0..palette.authors()).map(Paint::Author);
    named.into_iter().chain(authors).map(|paint| palette.style(paint)).collect()
}

fn check(palette: &Palette, background: Rgb) -> Result<(), TestCaseError> {
    for style in everything(palette) {
        prop_assert_eq!(style.bg, None);
        if let Some(colour) = style.fg {
            let colour = shown(colour).expect("a colour that is known");
            prop_assert!(colour.contrast(background) >= 4.5, "{style:?} on {background:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everything_can_be_read_on_any_background(red: u8, green: u8, blue: u8, told: [u8; 3]) {
        let background = Rgb(red, green, blue);
        for depth in [Depth::Mono, Depth::Sixteen, Depth::Indexed, Depth::True] {
            check(&on(depth, background), background)?;
            let foreground = Some(Rgb(told[0], told[1], told[2]));
            let ground = Ground { depth, background: Some(background), foreground };
            check(&Palette::new(ground), background)?;
        }
    }

    #[test]
    fn everything_can_be_read_on_any_grey(grey: u8) {
        let background = Rgb(grey, grey, grey);
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            check(&on(depth, background), background)?;
        }
    }
}

#[test]
fn the_colours_of_speakers_are_told_apart_on_usual_backgrounds() {
    for background in BACKGROUNDS {
        for (depth, least) in [(Depth::True, 0.065), (Depth::Indexed, 0.05)] {
            let authors = on(depth, background).authors;
            assert_eq!(authors.len(), 16);
            let colours: Vec<Rgb> = authors.iter().filter_map(|colour| shown(*colour)).collect();
            for (index, one) in colours.iter().enumerate() {
                for other in &colours[..index] {
                    let distance = one.distance(*other);
                    let pair = format!("{one:?} and {other:?} on {background:?}: {distance}");
                    assert!(distance >= least, "{depth:?}: {pair}");
                }
            }
        }
    }
}

#[test]
fn sixteen_colours_are_the_terminals_own() {
    for background in BACKGROUNDS {
        let palette = on(Depth::Sixteen, background);
        assert!(palette.authors() >= 2, "{background:?}: {:?}", palette.authors);
        let own = |style: &Style| !matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_)));
        assert!(everything(&palette).iter().all(own));
    }
}

#[test]
fn faint_is_a_grey_where_the_background_is_known_and_left_to_the_terminal_elsewhere() {
    let faint = |ground| Palette::new(ground).style(Paint::Faint);
    let dim = Style::new().add_modifier(Modifier::DIM);
    let known = Ground { background: Some(Rgb::WHITE), ..Ground::default() };
    for depth in [Depth::Mono, Depth::Sixteen] {
        assert_eq!(faint(Ground { depth, ..known }), dim);
    }
    for depth in [Depth::Indexed, Depth::True] {
        assert_eq!(faint(Ground { depth, ..Ground::default() }), dim);
        let style = faint(Ground { depth, ..known });
        assert_eq!(style.add_modifier, Modifier::empty());
        let grey = shown(style.fg.expect("a colour")).expect("a known one");
        assert!(grey.contrast(Rgb::WHITE) < 6.0, "{grey:?} is fainter than text");
    }
}

#[test]
fn without_colours_there_are_none() {
    for background in [None, Some(Rgb::BLACK), Some(Rgb::WHITE)] {
        let ground = Ground { depth: Depth::Mono, background, foreground: None };
        for style in everything(&Palette::new(ground)) {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }
}

#[test]
fn what_matters_is_told_apart_without_colours() {
    let cast = Cast::default();
    let inks = [Ink::Mention, Ink::Me, Ink::Unread, Ink::Failed, Ink::Announcement];
    let parts = [
        separator(Tone::Error),
        separator(Tone::Preview),
        news(),
        chosen(),
        offered(true),
        offered(false),
        room(true, false),
        room(false, true),
    ];
    for depth in [Depth::Mono, Depth::Sixteen, Depth::Indexed, Depth::True] {
        for background in [None, Some(Rgb::BLACK), Some(Rgb::WHITE)] {
            let palette = Palette::new(Ground { depth, background, foreground: None });
            for paint in inks.map(|it| ink(it, &cast)).into_iter().chain(parts) {
                let colourless = Style { fg: None, bg: None, ..palette.style(paint) };
                assert_ne!(colourless, Style::new(), "{paint:?} in {depth:?}");
            }
        }
    }
}
