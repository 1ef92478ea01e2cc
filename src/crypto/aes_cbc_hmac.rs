//! A128CBC-HS256 (RFC 7518 sections 5.2.2 and 5.2.3): the tag first, then AES-CBC, then the padding.

use super::NotAuthentic;
use super::count::{Operation, note};
use super::hmac_sha256::HmacSha256;
use aes::Aes128;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use subtle::{Choice, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroize;

const BLOCK: usize = 16;

/// The padding of each length from 1 to 16 is that many octets of that value; 16 is the longest.
const LONGEST_PADDING: u8 = 16;

/// How many octets so much plaintext has when it is padded.
pub(crate) fn padded(plaintext: usize) -> usize {
    // At least one octet, or the end of the plaintext could be read as padding.
    plaintext + BLOCK - plaintext % BLOCK
}

/// Pads and encrypts in place: `content` has the padded length, the plaintext is the first so many
/// octets of it.
pub(crate) fn seal(
    cek: &[u8; 32],
    iv: &[u8; 16],
    aad: &[u8],
    content: &mut [u8],
    plaintext: usize,
) -> [u8; 16] {
    // The MAC key comes first, although the name puts AES first (RFC 7518 section 5.2.2.1).
    let (mac_key, enc_key) = cek.split_at(16);
    let padding = content.len() - plaintext;
    content[plaintext..].fill(u8::try_from(padding).unwrap_or(LONGEST_PADDING)); // 1 to 16
    let (blocks, _) = Array::slice_as_chunks_mut(content);
    encryptor(enc_key, iv).encrypt_blocks(blocks);
    let mac = HmacSha256::new(mac_key).sign(&[aad, iv, content, &length_in_bits(aad)]);
    let mut tag = [0; 16];
    tag.copy_from_slice(&mac[..16]); // the first half of 32 octets
    tag
}

/// Authenticates, decrypts and strips the padding. On an error `content` contains no plaintext.
pub(crate) fn open(
    cek: &[u8; 32],
    iv: &[u8; 16],
    aad: &[u8],
    content: &mut Vec<u8>,
    tag: &[u8; 16],
) -> Result<(), NotAuthentic> {
    note(Operation::ContentOpen);
    let (mac_key, enc_key) = cek.split_at(16);
    // Before AES: decrypting and unpadding octets that are not authenticated is a padding oracle,
    // by its time if not by its answer.
    HmacSha256::new(mac_key).verify_half(&[aad, iv, content, &length_in_bits(aad)], tag)?;
    let (blocks, rest) = Array::slice_as_chunks_mut(content);
    // The tag holds, so the sender knows the CEK and chose this length. CBC needs whole blocks, and
    // `unpad` at least one.
    if blocks.is_empty() || !rest.is_empty() {
        return Err(NotAuthentic);
    }
    note(Operation::CbcDecrypt);
    decryptor(enc_key, iv).decrypt_blocks(blocks);
    let (whole, length) = unpad(content);
    if bool::from(whole) {
        content[length..].zeroize(); // below the content's length, as the padding holds
        content.truncate(length);
        Ok(())
    } else {
        content.zeroize();
        Err(NotAuthentic)
    }
}

/// `AL`: the length of the AAD in bits, 64 bits big-endian.
fn length_in_bits(aad: &[u8]) -> [u8; 8] {
    // Without it the IV could be moved to the end of the AAD, and the first block of the ciphertext
    // take its place, under the same tag.
    u64::try_from(aad.len()).map_or(u64::MAX, |bytes| bytes.saturating_mul(8)).to_be_bytes()
}

fn encryptor(key: &[u8], iv: &[u8; 16]) -> cbc::Encryptor<Aes128> {
    let Ok(encryptor) = cbc::Encryptor::new_from_slices(key, iv) else {
        unreachable!("key and IV are 16 octets, by the types of the callers")
    };
    encryptor
}

fn decryptor(key: &[u8], iv: &[u8; 16]) -> cbc::Decryptor<Aes128> {
    let Ok(decryptor) = cbc::Decryptor::new_from_slices(key, iv) else {
        unreachable!("key and IV are 16 octets, by the types of the callers")
    };
    decryptor
}

/// Whether the PKCS #7 padding is whole, and the length without it, in time that depends on neither.
///
/// After the tag has held, padding is no oracle; it is checked this way all the same.
pub(crate) fn unpad(content: &[u8]) -> (Choice, usize) {
    let Some((&padding, _)) = content.split_last() else {
        return (Choice::from(0), 0);
    };
    let mut whole = !padding.ct_eq(&0) & !padding.ct_gt(&LONGEST_PADDING);
    for (position, byte) in (0u8..).zip(content.iter().rev().take(BLOCK)) {
        whole &= byte.ct_eq(&padding) | !position.ct_lt(&padding);
    }
    // `open` passes whole blocks, so padding of 1 to 16 octets fits. A larger value can wrap
    // around, but then `whole` is false and the length is not used.
    (whole, content.len().wrapping_sub(usize::from(padding)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpadding_agrees_with_its_definition_on_every_last_block() {
        let mut whole_ones = 0;
        for last in 0..=255u8 {
            for spoiled in 0..=16usize {
                let mut content = [7; 32];
                content[31] = last;
                let length = usize::from(last).min(32);
                content[32 - length..].fill(last);
                if (1..16).contains(&spoiled) {
                    content[31 - spoiled] ^= 0x80;
                }
                let padding = usize::from(content[31]);
                let expected = (1..=16).contains(&padding)
                    && content[32 - padding..].iter().all(|byte| usize::from(*byte) == padding);
                let (whole, left) = unpad(&content);
                assert_eq!(bool::from(whole), expected, "{content:?}");
                if expected {
                    assert_eq!(left, 32 - padding);
                    whole_ones += 1;
                }
            }
        }
        assert_eq!(whole_ones, (1..=16).map(|padding| 17 - (padding - 1)).sum::<usize>());
        assert!(!bool::from(unpad(&[]).0));
    }

    #[test]
    fn a_tag_that_holds_over_bad_padding_is_the_same_failure() {
        let (cek, iv, aad) = ([1; 32], [2; 16], b"aad");
        let open_raw = |blocks: &[u8]| {
            let mut content = blocks.to_vec();
            let (chunks, _) = Array::slice_as_chunks_mut(&mut content);
            encryptor(&cek[16..], &iv).encrypt_blocks(chunks);
            let mac = HmacSha256::new(&cek[..16]).sign(&[aad, &iv, &content, &length_in_bits(aad)]);
            let tag = mac[..16].try_into().unwrap();
            open(&cek, &iv, aad, &mut content, &tag).map(|()| content)
        };
        assert_eq!(
            open_raw(&[&b"fifteen octets."[..], &[1]].concat()).unwrap(),
            b"fifteen octets."
        );
        assert_eq!(open_raw(&[16; 16]).unwrap(), b"");
        assert_eq!(open_raw(&[0; 16]), Err(NotAuthentic));
        assert_eq!(open_raw(&[17; 16]), Err(NotAuthentic));
        assert_eq!(open_raw(&[&[9; 13][..], &[2, 3, 3]].concat()), Err(NotAuthentic));
        for length in [0, 1, 15, 17] {
            assert_eq!(open_raw(&vec![1; length]), Err(NotAuthentic), "{length} octets");
        }
    }

    #[test]
    fn a_false_tag_never_reaches_aes() {
        let (cek, iv) = ([1; 32], [2; 16]);
        let mut content = b"content.........".to_vec();
        let tag = seal(&cek, &iv, b"", &mut content, 7);
        let before = crate::crypto::count::count(Operation::CbcDecrypt);
        for bit in 0..128 {
            let mut other = tag;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&cek, &iv, b"", &mut content.clone(), &other), Err(NotAuthentic));
        }
        assert_eq!(crate::crypto::count::count(Operation::CbcDecrypt), before);
        open(&cek, &iv, b"", &mut content, &tag).unwrap();
        assert_eq!(content, b"content");
        assert_eq!(crate::crypto::count::count(Operation::CbcDecrypt), before + 1);
    }
}
