//! Code that leaks on purpose. A check that does not find it has found nothing by being silent.

/// Stops at the first difference.
#[inline(never)]
pub fn equal_early_exit(a: &[u8], b: &[u8]) -> bool {
    for (a, b) in a.iter().zip(b) {
        if a != b {
            return false;
        }
    }
    true
}

/// The comparison of slices, which is `memcmp`.
#[inline(never)]
pub fn equal_slices(a: &[u8], b: &[u8]) -> bool {
    a == b
}

/// Reads memory at a secret address.
#[inline(never)]
pub fn look_up(table: &[u8; 256], secret: u8) -> u8 {
    table[usize::from(secret)]
}

/// PKCS #1 v1.5 as it is usually taken off: stops at the first fault and at the first zero.
#[inline(never)]
pub fn unpad_pkcs1_v1_5(block: &[u8]) -> Option<&[u8]> {
    let padded = block.strip_prefix(&[0, 2])?;
    let zero = padded.iter().position(|byte| *byte == 0)?;
    (zero >= 8).then(|| &padded[zero + 1..])
}

/// PKCS #7 as it is usually taken off.
#[inline(never)]
pub fn unpad_pkcs7(content: &[u8]) -> Option<usize> {
    let padding = usize::from(*content.last()?);
    let length = content.len().checked_sub(padding)?;
    let whole = padding != 0 && content[length..].iter().all(|o| usize::from(*o) == padding);
    whole.then_some(length)
}

/// Takes the CEK over by an `if` in place of a selection.
#[inline(never)]
pub fn take_if(block: &[u8], cek: &mut [u8]) {
    if block[0] == 0 {
        cek.copy_from_slice(&block[block.len() - cek.len()..]);
    }
}
