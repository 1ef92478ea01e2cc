//! AES-GCM by aws-lc-rs or ring: one interface under two names, but for how a tag is opened.

use super::Failed;
use crate::crypto::NotAuthentic;
#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs as ring;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

pub(super) fn seal(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
) -> Result<[u8; 16], Failed> {
    let tag = prepare(key)
        .ok_or(Failed)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*iv), Aad::from(aad), content)
        .map_err(|_| Failed)?;
    tag.as_ref().try_into().map_err(|_| Failed)
}

pub(super) fn open(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
    tag: &[u8; 16],
) -> Result<(), NotAuthentic> {
    let key = prepare(key).ok_or(NotAuthentic)?;
    let (nonce, aad) = (Nonce::assume_unique_for_key(*iv), Aad::from(aad));
    #[cfg(feature = "aws-lc-rs")]
    let opened = key.open_in_place_separate_tag(nonce, aad, tag, content);
    #[cfg(not(feature = "aws-lc-rs"))]
    let opened = key.open_in_place_separate_tag(nonce, aad, (*tag).into(), content, 0..);
    opened.map(|_| ()).map_err(|_| NotAuthentic)
}

fn prepare(key: &[u8]) -> Option<LessSafeKey> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        32 => &AES_256_GCM,
        _ => return None,
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}
