//! A plot as SVG text: panels side by side, lines over logarithmic axes. Pure.
//!
//! Everything has a colour that is legible on white and on black, as whoever shows an image
//! does not always tell it which of them lies behind.

/// One panel.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// One line of a panel. Its points are positive: others have no place on logarithmic axes.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) points: Vec<(f64, f64)>,
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) colour: &'static str,
    pub(crate) is_bold: bool,
    pub(crate) is_dashed: bool,
}

/// Of axes, grid and words.
const GREY: &str = "#808080";
/// Size of the area that lines are drawn in.
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 300.0;
/// Room around it.
const LEFT: f64 = 60.0;
const ABOVE: f64 = 40.0;
const RIGHT: f64 = 20.0;
const BELOW: f64 = 30.0;
/// Names below all panels.
const NAMES_IN_A_ROW: usize = 4;
const NAME_HEIGHT: f64 = 22.0;
/// Steps of an axis within each power of ten.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

/// The panels in a row with one legend, that of the first panel, below.
pub(crate) fn svg(panels: &[Panel]) -> String {
    let width = (LEFT + WIDTH + RIGHT) * panels.len() as f64;
    let names = panels.first().map_or(0, |panel| panel.lines.len());
    let bottom = ABOVE + HEIGHT + BELOW;
    let height = bottom + NAME_HEIGHT * (names.div_ceil(NAMES_IN_A_ROW) as f64 + 1.0);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"{GREY}\">\n"
    );
    for (number, panel) in panels.iter().enumerate() {
        let x = LEFT + (LEFT + WIDTH + RIGHT) * number as f64;
        text += &group(x, ABOVE, &panel.draw());
    }
    if let Some(panel) = panels.first() {
        let column = (width - LEFT - RIGHT) / NAMES_IN_A_ROW as f64;
        let y = bottom + NAME_HEIGHT;
        text += &group(LEFT, y, &panel.names(column));
    }
    text + "</svg>\n"
}

impl Panel {
    fn draw(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let across = Axis::over(points().map(|(x, _)| *x));
        let up = Axis::over(points().map(|(_, y)| *y));
        let mut text = format!("<text y=\"-16\" font-weight=\"bold\">{}</text>\n", self.title);
        for step in &across.steps {
            let x = across.place(*step) * WIDTH;
            text += &rule(x, 0.0, x, HEIGHT);
            text += &word(x, HEIGHT + 18.0, "middle", &short(*step));
        }
        for step in &up.steps {
            let y = HEIGHT - up.place(*step) * HEIGHT;
            text += &rule(0.0, y, WIDTH, y);
            text += &word(-6.0, y + 4.0, "end", &short(*step));
        }
        for line in &self.lines {
            let place =
                |(x, y): &(f64, f64)| (across.place(*x) * WIDTH, HEIGHT - up.place(*y) * HEIGHT);
            text += &line.draw(&line.points.iter().map(place).collect::<Vec<_>>());
        }
        text
    }

    fn names(&self, column: f64) -> String {
        let drawn = self.lines.iter().enumerate().map(|(number, line)| {
            let x = column * (number % NAMES_IN_A_ROW) as f64;
            let y = NAME_HEIGHT * (number / NAMES_IN_A_ROW) as f64;
            line.draw(&[(x, y), (x + 28.0, y)]) + &word(x + 36.0, y + 4.0, "start", line.name)
        });
        drawn.collect()
    }
}

impl Line {
    /// A line through these places, with a dot on each.
    fn draw(&self, places: &[(f64, f64)]) -> String {
        let Style { colour, is_bold, is_dashed } = self.style;
        let width = if is_bold { 3.0 } else { 1.5 };
        let dashes = if is_dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let mut text = format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" \
             stroke-width=\"{width}\"{dashes}/>\n",
            path.join(" ")
        );
        for (x, y) in places {
            text += &dot(*x, *y, width, colour);
        }
        text
    }
}

/// A logarithmic axis and the steps that are named along it, of which the outer ones are its
/// ends.
struct Axis {
    steps: Vec<f64>,
}

impl Axis {
    /// The fewest steps that have all these between them.
    fn over(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(0.0, f64::max);
        if low > high {
            return Self { steps: Vec::new() };
        }
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let steps = (first..=last).flat_map(|ten| STEPS.map(|step| step * 10_f64.powi(ten)));
        let steps: Vec<f64> = steps.collect();
        let start = steps.iter().rposition(|step| *step <= low).unwrap_or(0);
        let end = steps.iter().position(|step| *step > high).unwrap_or(steps.len() - 1);
        Self { steps: steps[start..=end].to_vec() }
    }

    /// How far along the axis a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let [low, .., high] = self.steps.as_slice() else { return 0.0 };
        (value / low).ln() / (high / low).ln()
    }
}

fn group(x: f64, y: f64, content: &str) -> String {
    format!("<g transform=\"translate({x} {y})\">\n{content}</g>\n")
}

fn dot(x: f64, y: f64, radius: f64, colour: &str) -> String {
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>\n")
}

fn rule(from_x: f64, from_y: f64, to_x: f64, to_y: f64) -> String {
    format!(
        "<line x1=\"{from_x:.1}\" y1=\"{from_y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\" \
         stroke=\"{GREY}\" stroke-opacity=\"0.3\"/>\n"
    )
}

fn word(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
}

/// A step in few characters: `20k`, `5M`, `0.2`.
fn short(step: f64) -> String {
    let (scaled, unit) = match step {
        1e6.. => (step / 1e6, "M"),
        1e3.. => (step / 1e3, "k"),
        _ => (step, ""),
    };
    // Powers of ten are not exact below one.
    format!("{}{unit}", (scaled * 1e6).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(points: &[(f64, f64)]) -> Panel {
        let style = Style { colour: "#123456", is_bold: true, is_dashed: false };
        let line = Line { name: "one", style, points: points.to_vec() };
        Panel { title: "deliveries/s", lines: vec![line] }
    }

    #[test]
    fn an_axis_has_the_fewest_steps_around_its_values() {
        let steps = |values: &[f64]| Axis::over(values.iter().copied()).steps;
        assert_eq!(steps(&[100.0, 500.0, 19_000.0])[..2], [100.0, 200.0]);
        assert_eq!(steps(&[100.0, 500.0, 19_000.0]).last(), Some(&20_000.0));
        assert_eq!(steps(&[3.0]), [2.0, 5.0]);
        assert_eq!(steps(&[100.0]), [100.0, 200.0]);
        assert_eq!(steps(&[]), [0.0; 0]);
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let axis = Axis { steps: vec![1.0, 10.0, 100.0] };
        let places = [1.0, 10.0, 100.0].map(|value| axis.place(value));
        for (place, due) in places.into_iter().zip([0.0, 0.5, 1.0]) {
            assert!((place - due).abs() < 1e-9, "{place}");
        }
    }

    #[test]
    fn lines_go_from_corner_to_corner() {
        let text = svg(&[panel(&[(1.0, 10.0), (10.0, 100.0)])]);
        assert!(text.contains("<polyline points=\"0.0,300.0"), "{text}");
        assert!(text.contains(">one</text>") && text.contains(">deliveries/s</text>"));
    }

    #[test]
    fn panels_stand_side_by_side_and_share_one_legend() {
        let text = svg(&[panel(&[(1.0, 1.0)]), panel(&[(1.0, 1.0)])]);
        assert!(text.contains("translate(60 40)") && text.contains("translate(520 40)"));
        assert_eq!(text.matches(">one</text>").count(), 1);
    }

    #[test]
    fn nothing_measured_is_an_empty_panel() {
        let text = svg(&[panel(&[])]);
        assert!(text.ends_with("</svg>\n") && !text.contains("NaN"), "{text}");
    }

    #[test]
    fn steps_are_short_words() {
        let words = [0.2, 0.001, 500.0, 20_000.0, 5e6].map(short);
        assert_eq!(words, ["0.2", "0.001", "500", "20k", "5M"]);
    }
}
