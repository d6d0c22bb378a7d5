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

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn named_keys_become_what_a_terminal_sends() {
        assert_eq!(bytes_of("hé<ret>"), "hé\r".as_bytes());
        assert_eq!(bytes_of("a<lt>b"), b"a<b");
        assert_eq!(bytes_of("<c-n><a-w><a-bs><esc>"), b"\x0e\x1bw\x1b\x7f\x1b");
    }
}
