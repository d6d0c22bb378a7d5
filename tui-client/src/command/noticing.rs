//! Commands about what one wants to notice.

use crate::{effect::Effect, event::Now, notify, state::State};

/// `/dnd [on|off]`
pub(super) fn dnd(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    let off = match text.to_lowercase().as_str() {
        "" => !notify::is_off(state),
        "on" => true,
        "off" => false,
        _ => return Err("do not disturb is on or off: /dnd on, /dnd off".into()),
    };
    notify::turn_off(state, off);
    state.separator.answer(if off {
        "do not disturb: nothing rings, all is counted; /dnd off ends it"
    } else {
        "mentions and private messages ring again while you look elsewhere"
    });
    Ok(Vec::new())
}
