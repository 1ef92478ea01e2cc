//! How octets become text and back: base64url, JSON, the compact serializations.

pub(crate) mod base64url;
pub(crate) mod compact;
pub(crate) mod json;
