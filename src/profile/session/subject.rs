//! A `sub` that tells nothing of the person behind it.

const LONGEST: usize = 128;

/// Letters, digits, `-` and `_`: no e-mail address has only those, and no JWT. Without a letter, 7 to
/// 17 digits may be dialled (E.164 has 15 at most, after `00`); `eyJ` is how an encoded header begins.
pub(super) fn is_opaque(subject: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let digits = subject.bytes().filter(u8::is_ascii_digit).count();
    let may_be_dialled =
        (7..=17).contains(&digits) && !subject.bytes().any(|byte| byte.is_ascii_alphabetic());
    (1..=LONGEST).contains(&subject.len())
        && subject.bytes().all(plain)
        && !may_be_dialled
        && !subject.starts_with("eyJ")
}
