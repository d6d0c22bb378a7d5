//! Keys as a person would write them down, as the bytes that a terminal sends.

/// `hello<ret>`, `<c-n>`, `<a-w>`, `<esc>`, `<up>`, `<pgup>`, `<lt>`: everything outside `<…>` is
/// typed as it stands.
pub fn bytes_of(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(start) = rest.find('<') {
        bytes.extend(rest[..start].bytes());
        let end = start + rest[start..].find('>').expect("a key ends with >");
        bytes.extend(named(&rest[start + 1..end]));
        rest = &rest[end + 1..];
    }
    bytes.extend(rest.bytes());
    bytes
}

fn named(key: &str) -> Vec<u8> {
    if let Some(gesture) = key.split_once(' ').and_then(|(what, at)| mouse(what, at)) {
        return gesture;
    }
    if let Some(letter) = key.strip_prefix("c-") {
        return vec![letter.as_bytes()[0] & 0x1f];
    }
    if let Some(key) = key.strip_prefix("a-") {
        let plain = if key.len() == 1 { key.as_bytes().to_vec() } else { named(key) };
        return [vec![0x1b], plain].concat();
    }
    let bytes: &[u8] = match key {
        "ret" => b"\r",
        "tab" => b"\t",
        "esc" => b"\x1b",
        "bs" => b"\x7f",
        "space" => b" ",
        "lt" => b"<",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "pgup" => b"\x1b[5~",
        "pgdn" => b"\x1b[6~",
        "del" => b"\x1b[3~",
        "paste" => b"\x1b[200~",
        "/paste" => b"\x1b[201~",
        _ => panic!("no key <{key}>"),
    };
    bytes.to_vec()
}

/// `click 3,4`, `drag 3,4` or `wheel-up 3,4`: column and row from 0, as a terminal tells of them
/// (SGR, mode 1006).
fn mouse(what: &str, at: &str) -> Option<Vec<u8>> {
    let (column, row) = at.split_once(',')?;
    let number = |text: &str| text.parse::<u16>().ok().map(|number| number + 1);
    let (column, row) = (number(column)?, number(row)?);
    let events: &[(u8, char)] = match what {
        "click" => &[(0, 'M'), (0, 'm')],
        "drag" => &[(0, 'M'), (32, 'M'), (0, 'm')],
        "wheel-up" => &[(64, 'M')],
        "wheel-down" => &[(65, 'M')],
        _ => return None,
    };
    let sequence = |(button, last): &(u8, char)| format!("\x1b[<{button};{column};{row}{last}");
    Some(events.iter().map(sequence).collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn the_mouse_is_told_of_as_terminals_do() {
        assert_eq!(bytes_of("<click 3,4>"), b"\x1b[<0;4;5M\x1b[<0;4;5m");
        assert_eq!(bytes_of("<wheel-up 0,0>"), b"\x1b[<64;1;1M");
    }

    #[test]
    fn named_keys_become_what_a_terminal_sends() {
        assert_eq!(bytes_of("hé<ret>"), "hé\r".as_bytes());
        assert_eq!(bytes_of("a<lt>b"), b"a<b");
        assert_eq!(bytes_of("<c-n><a-w><a-bs><esc>"), b"\x0e\x1bw\x1b\x7f\x1b");
    }
}
