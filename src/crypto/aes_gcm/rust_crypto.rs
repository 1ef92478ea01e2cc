//! AES-GCM by the `aes-gcm` crate.

use super::Failed;
use crate::crypto::NotAuthentic;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};

pub(super) fn seal(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
) -> Result<[u8; 16], Failed> {
    let (iv, content) = (iv.into(), content.into());
    let tag = match key.len() {
        16 => Aes128Gcm::new_from_slice(key)
            .map_err(|_| Failed)?
            .encrypt_inout_detached(iv, aad, content),
        _ => Aes256Gcm::new_from_slice(key)
            .map_err(|_| Failed)?
            .encrypt_inout_detached(iv, aad, content),
    };
    tag.map(Into::into).map_err(|_| Failed)
}

pub(super) fn open(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
    tag: &[u8; 16],
) -> Result<(), NotAuthentic> {
    let (iv, content, tag) = (iv.into(), content.into(), tag.into());
    match key.len() {
        16 => Aes128Gcm::new_from_slice(key)
            .map_err(|_| NotAuthentic)?
            .decrypt_inout_detached(iv, aad, content, tag),
        _ => Aes256Gcm::new_from_slice(key)
            .map_err(|_| NotAuthentic)?
            .decrypt_inout_detached(iv, aad, content, tag),
    }
    .map_err(|_| NotAuthentic)
}
