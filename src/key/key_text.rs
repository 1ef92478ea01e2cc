//! Defence in depth against a key file pasted as an HMAC secret: a public key would let anyone sign.
//!
//! The types are what keeps algorithms apart; this only knows how keys begin.

use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};

/// Whether a secret is, most likely, a key file pasted: PEM, OpenSSH, JWK or DER.
///
/// In time that depends on the length alone, but for the verdict.
pub(crate) fn is_key_text(secret: &[u8]) -> bool {
    let mut found = is_json(secret) | is_der_sequence(secret);
    // A random secret of 4,096 octets contains the shortest mark, 5 octets, once in 2^28.
    let marks = [
        &b"-----BEGIN "[..],
        b"---- BEGIN ",
        b"ssh-rsa ",
        b"ecdsa-sha2-",
        b"ssh-ed25519 ",
        b"\"kty\"",
    ];
    for mark in marks {
        for window in secret.windows(mark.len()) {
            found |= window.ct_eq(mark);
        }
    }
    found.into()
}

/// ASCII in braces or brackets, after what editors put before it.
fn is_json(secret: &[u8]) -> Choice {
    let text = secret.get(3..).unwrap_or_default();
    let marked = secret[..secret.len() - text.len()].ct_eq(b"\xef\xbb\xbf");
    is_json_text(secret) | marked & is_json_text(text)
}

fn is_json_text(text: &[u8]) -> Choice {
    // Of random secrets of 32 octets, one in 2^32 is ASCII: none is rejected by chance.
    let mut ascii = Choice::from(1);
    for byte in text {
        ascii &= byte.ct_lt(&0x80);
    }
    let enclosed =
        |open, close| begins_with(text.iter(), open) & begins_with(text.iter().rev(), close);
    ascii & (enclosed(b'{', b'}') | enclosed(b'[', b']'))
}

/// Whether this is the first octet that is no white space.
fn begins_with<'a>(bytes: impl Iterator<Item = &'a u8>, wanted: u8) -> Choice {
    let (mut begins, mut blank) = (Choice::from(0), Choice::from(1));
    for byte in bytes {
        begins |= blank & byte.ct_eq(&wanted);
        let white = [b' ', b'\t', b'\n', b'\r', b'\x0c'].map(|space| byte.ct_eq(&space));
        blank &= white.into_iter().fold(Choice::from(0), core::ops::BitOr::bitor);
    }
    begins
}

/// One SEQUENCE, its length in the fewest octets, that spans the secret. A short one (keys of elliptic
/// curves) has to begin as keys do, with an algorithm identifier or a version, or random secrets would
/// be hit by chance.
fn is_der_sequence(secret: &[u8]) -> Choice {
    let rest = |head| secret.len().saturating_sub(head);
    let [.., tiny] = rest(2).to_be_bytes();
    let [.., short] = rest(3).to_be_bytes();
    let [.., high, low] = rest(4).to_be_bytes();
    // The length tells the form, because DER permits only the shortest: up to 0x7f octets after a
    // head of 2, up to 0xff after 3, up to 0xffff after 4. From 8 octets on, `secret[4]` exists.
    match secret.len() {
        0x08..=0x81 => {
            let identifier = secret[2].ct_eq(&0x30) & secret[4].ct_eq(&0x06);
            let version = secret[2..4].ct_eq(&[0x02, 0x01]) & secret[4].ct_lt(&2);
            secret[..2].ct_eq(&[0x30, tiny]) & (identifier | version)
        }
        0x83..=0x102 => secret[..3].ct_eq(&[0x30, 0x81, short]),
        0x104..=0x1_0003 => secret[..4].ct_eq(&[0x30, 0x82, high, low]),
        _ => Choice::from(0),
    }
}

#[cfg(test)]
mod tests {
    use super::is_key_text;

    #[test]
    fn key_texts_are_found() {
        let rest = "x".repeat(32);
        let (json, der) =
            (format!("{{\"{rest}\":1}}"), |head: &[u8], rest| [head, &vec![7; rest]].concat());
        for text in [
            format!("-----BEGIN PUBLIC KEY-----{rest}").into_bytes(),
            format!("{rest} ---- BEGIN SSH2 PUBLIC KEY").into_bytes(),
            format!("ssh-rsa {rest}").into_bytes(),
            format!("ecdsa-sha2-nistp256 {rest}").into_bytes(),
            format!("ssh-ed25519 {rest}").into_bytes(),
            format!("{{\"kty\":\"oct\",\"kid\":\"\u{e9}{rest}\"}}").into_bytes(),
            json.clone().into_bytes(),
            format!(" \r\n\t[{json}]\n").into_bytes(),
            format!("\u{feff}\n{json}").into_bytes(),
            der(&[0x30, 33, 0x30, 7, 0x06], 30),
            der(&[0x30, 33, 0x02, 0x01, 0x00], 30),
            der(&[0x30, 33, 0x02, 0x01, 0x01], 30),
            der(&[0x30, 0x81, 0x80], 128),
            der(&[0x30, 0x81, 0xff], 255),
            der(&[0x30, 0x82, 0x01, 0x00], 256),
            der(&[0x30, 0x82, 0x0f, 0xfc], 4092),
        ] {
            assert!(is_key_text(&text), "{text:?}");
        }
    }

    #[test]
    fn random_octets_are_no_key_text() {
        for (head, tail) in [("{", "}"), ("[", "]"), (" {", "} ")] {
            let secret = [head.as_bytes(), &[0xe9; 30], tail.as_bytes()].concat();
            assert!(!is_key_text(&secret), "{secret:?}");
        }
        // Lengths that DER writes in fewer octets.
        let der = |head: &[u8], rest| is_key_text(&[head, &vec![7; rest]].concat());
        assert!(!der(&[0x30, 0x81, 29], 29));
        assert!(!der(&[0x30, 0x82, 0, 28], 28));
        assert!(!der(&[0x30, 0x81, 0x80], 129));
        // Marks of JSON that do not enclose the text, or follow something else.
        for (head, tail) in [("\u{feff}", "}"), ("xyz{", "}"), ("x{", "}x"), ("x[", "]x")] {
            let secret = [head, &"x".repeat(32), tail].concat();
            assert!(!is_key_text(secret.as_bytes()), "{secret}");
        }
        // A short SEQUENCE that holds anything but a key.
        assert!(!der(&[0x30, 30], 30));
        assert!(!is_key_text("{x".repeat(16).as_bytes()));
    }

    #[test]
    fn every_octet_of_a_der_head_counts() {
        let mut tried = 0;
        for (head, rest, counting) in [
            (&[0x30, 33, 0x30, 7, 0x06][..], 30, &[0, 1, 2, 4][..]), // any length of the identifier
            (&[0x30, 33, 0x02, 0x01, 0x00], 30, &[0, 1, 2, 3, 4]),
            (&[0x30, 0x81, 0x80], 128, &[0, 1, 2]),
            (&[0x30, 0x82, 0x01, 0x00], 256, &[0, 1, 2, 3]),
        ] {
            let key = [head, &vec![7; rest]].concat();
            assert!(is_key_text(&key));
            for place in counting {
                let mut other = key.clone();
                other[*place] += 2;
                assert!(!is_key_text(&other), "{place} of {head:?}");
                tried += 1;
            }
        }
        assert_eq!(tried, 16);
    }
}
