//! What a received token may cost before anything about it is known.

/// Limits on a received token; each is checked before the work it bounds.
///
/// The defaults suit tokens in HTTP headers and bodies. Raise one where your payloads need it:
///
/// ```
/// use strict_jose::Limits;
///
/// let limits = Limits { token_len: 2 * 1024 * 1024, ..Limits::DEFAULT };
/// assert_eq!(limits.header_len, 8 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole token, in characters. 256 KiB holds a nested token with 64 KiB of claims; HTTP
    /// servers stop at far less.
    pub token_len: usize,
    /// The encoded JOSE Header, in characters. 8 KiB is the usual limit of a whole HTTP header; real
    /// ones are under 1 KiB, certificate chains included under 6 KiB.
    pub header_len: usize,
    /// How deep objects and arrays may nest, the outermost counted. 32 is far above any claims set
    /// seen and far below what could exhaust a small stack. More than 126 counts as 126.
    pub json_depth: usize,
    /// How many members an object may have. 256 bounds the work of finding a repeated name.
    pub json_members: usize,
    /// How many elements an array may have: 4,096, for long lists of roles or scopes.
    pub json_elements: usize,
}

impl Limits {
    /// The limits used where none are named.
    pub const DEFAULT: Self = Self {
        token_len: 256 * 1024,
        header_len: 8 * 1024,
        json_depth: 32,
        json_members: 256,
        json_elements: 4096,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The deepest taken whatever a caller's limit says: one less than `serde_json` follows, so that the
/// reason for stopping is still this crate's to name.
pub(crate) const JSON_DEPTH_MAXIMUM: usize = 126;

/// The longest `kid` taken, in octets: a look-up key, not a message.
pub(crate) const KEY_ID_MAX_LEN: usize = 256;

/// The longest `jti` used as a replay id, in octets: room for any UUID, hash or URN.
pub(crate) const JWT_ID_MAX_LEN: usize = 256;

/// The most keys a set may hold (RFC 7517 section 5 names none); published sets have under ten.
pub(crate) const KEY_SET_KEYS: usize = 100;

/// The longest PEM, DER or JWK text of one key, in octets: an 8192-bit private key in PEM is 6.4 KiB,
/// a JWK with a certificate chain somewhat more.
pub(crate) const KEY_TEXT_MAX_LEN: usize = 32 * 1024;

/// The longest JWK Set text, in octets.
pub(crate) const KEY_SET_MAX_LEN: usize = 1024 * 1024;

/// The shortest HMAC-SHA-256 secret, in octets (RFC 7518 section 3.2).
pub(crate) const HS256_SECRET_MINIMUM: usize = 32;

/// The longest HMAC-SHA-256 secret, in octets: past one block of the hash more adds nothing.
pub(crate) const HS256_SECRET_MAXIMUM: usize = 4096;

/// The bits an RSA modulus may have (RFC 7518 sections 3.3, 4.2, 4.3 give the least; the greatest
/// bounds the work that a hostile key can cause).
pub(crate) const RSA_MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;

/// The most bits of an RSA public exponent, for the same reason.
pub(crate) const RSA_EXPONENT_BITS: usize = 33;
