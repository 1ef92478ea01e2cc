//! Sets of keys for one algorithm in one role (RFC 7517 section 5), and sets by issuer.

use super::jwk::Jwk;
use super::rsa::{RsaAlgorithm, RsaPrivateKey, RsaPublicKey};
use super::{SelectedKey, hs256::Hs256Key, sealed};
use crate::encoding::json::{MemberSlots, Raw, read_object};
use crate::error::{Error, JwkProblem, KeyError};
use crate::header::UnverifiedHints;
use crate::limits::{KEY_SET_KEYS, KEY_SET_MAX_LEN, Limits};
use crate::secret::SecretString;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Keys of one type, told apart by `kid`: for rotation, and for JWK Sets.
///
/// A token's `kid` has to be one of the set's; an unknown one tries no key. A token without `kid` is
/// taken only by a set of one key. Rotate by [`insert`](Self::insert) and [`remove`](Self::remove), or
/// by putting a new set in the old one's place: a set holds nothing but its keys.
///
/// ```
/// use strict_jose::{Hs256Key, KeySet, jws};
///
/// let (old, new) = (
///     Hs256Key::generate()?.with_key_id("2026-11")?,
///     Hs256Key::generate()?.with_key_id("2026-12")?,
/// );
/// let mut keys = KeySet::new([old.clone(), new.clone()])?;
/// let token = jws::sign(b"octets", &old)?;
/// assert!(jws::verify(&token, &keys).is_ok());
/// keys.remove("2026-11");
/// assert_eq!(jws::verify(&token, &keys).unwrap_err().code(), "key.no_match");
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeySet<K> {
    keys: Vec<K>,
    skipped: Vec<SkippedKey>,
}

/// A member of a JWK Set that is no key for this set: not usable, and no harm to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    position: usize,
    reason: KeyError,
}

impl SkippedKey {
    /// The member's place in the JWK Set, from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Why it is not used.
    #[must_use]
    pub fn reason(&self) -> &KeyError {
        &self.reason
    }
}

impl<K: sealed::Identified> KeySet<K> {
    /// A set of these keys.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoKeys`] for none, [`KeyError::TooManyKeys`] above 100,
    /// [`KeyError::DuplicateKeyId`] for two of the same `kid`, [`KeyError::KeyIdMissing`] for several
    /// of which one has none.
    pub fn new(keys: impl IntoIterator<Item = K>) -> Result<Self, KeyError> {
        let mut set = Self { keys: Vec::new(), skipped: Vec::new() };
        for key in keys {
            set.insert(key)?;
        }
        if set.keys.is_empty() {
            return Err(KeyError::NoKeys);
        }
        Ok(set)
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the set is then as it was.
    pub fn insert(&mut self, key: K) -> Result<(), KeyError> {
        if self.keys.len() == KEY_SET_KEYS {
            return Err(KeyError::TooManyKeys);
        }
        // Among several keys `kid` alone selects. A key without one could be reached only by trying
        // it, and the crate never tries keys in turn.
        let nameless = key.key_id().is_none() || self.keys.iter().any(|key| key.key_id().is_none());
        if nameless && !self.keys.is_empty() {
            return Err(KeyError::KeyIdMissing);
        }
        if self.keys.iter().any(|other| other.key_id() == key.key_id()) {
            return Err(KeyError::DuplicateKeyId);
        }
        self.keys.push(key);
        Ok(())
    }

    /// Takes the key of this `kid` out. A set left empty matches no token.
    pub fn remove(&mut self, kid: &str) -> Option<K> {
        let position = self.keys.iter().position(|key| key.key_id() == Some(kid))?;
        Some(self.keys.remove(position))
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.keys.iter()
    }

    /// How many keys it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it holds no key any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The members of the JWK Set it was read from that are not used: of another type or algorithm,
    /// for another use, or broken.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    fn read(
        jwk_set: &str,
        refuse: impl Fn(&Jwk<'_>) -> Option<KeyError>,
        key: impl Fn(&Jwk<'_>) -> Result<K, KeyError>,
    ) -> Result<Self, KeyError> {
        let mut set = Self { keys: Vec::new(), skipped: Vec::new() };
        let mut kids = Vec::new();
        for (position, member) in members(jwk_set)?.into_iter().enumerate() {
            let jwk = match Jwk::read(member.text()) {
                Ok(jwk) => jwk,
                Err(reason) => {
                    set.skipped.push(SkippedKey { position, reason });
                    continue;
                }
            };
            // Before the member can be skipped: a private key in a public set has leaked, whatever
            // it is for.
            if let Some(reason) = refuse(&jwk) {
                return Err(reason);
            }
            // Also between keys of different kinds: whoever looks one up by kid must get one answer.
            if let Ok(Some(kid)) = jwk.key_id() {
                if kids.iter().any(|other: &super::KeyId| other.as_str() == kid.as_str()) {
                    return Err(KeyError::DuplicateKeyId);
                }
                kids.push(kid);
            }
            match key(&jwk).and_then(|key| set.insert(key)) {
                Ok(()) => {}
                // Not skipped: the order of the members would decide which of the two keys counts.
                Err(KeyError::DuplicateKeyId) => return Err(KeyError::DuplicateKeyId),
                Err(reason) => set.skipped.push(SkippedKey { position, reason }),
            }
        }
        if set.keys.is_empty() {
            return Err(KeyError::NoKeys);
        }
        Ok(set)
    }
}

impl<A: RsaAlgorithm> KeySet<RsaPublicKey<A>> {
    /// The public JWK Set's keys for this algorithm.
    ///
    /// A member that is something else, or broken, is left out and reported by
    /// [`skipped`](KeySet::skipped).
    ///
    /// # Errors
    ///
    /// [`KeyError::PrivateMember`] if any readable member holds a private or symmetric key, whatever its
    /// type;
    /// [`KeyError::DuplicateKeyId`] if two have the same `kid`; [`KeyError::NoKeys`] if none is usable;
    /// [`KeyError::TooManyKeys`] above 100; [`KeyError::InvalidJson`] or [`KeyError::InvalidJwk`] if it is no JWK
    /// Set; [`KeyError::TooLong`] above 1 MiB.
    pub fn from_jwk_set(jwk_set: &str) -> Result<Self, KeyError> {
        let refuse = |jwk: &Jwk<'_>| jwk.is_secret().then_some(KeyError::PrivateMember);
        Self::read(jwk_set, refuse, RsaPublicKey::from_members)
    }

    /// The keys as a public JWK Set, ready to be published.
    #[must_use]
    pub fn to_jwk_set(&self) -> String {
        let keys: Vec<_> = self.keys.iter().map(RsaPublicKey::to_jwk).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}

impl<A: RsaAlgorithm> KeySet<RsaPrivateKey<A>> {
    /// The private JWK Set's keys for this algorithm; the others are left out and reported by
    /// [`skipped`](KeySet::skipped).
    ///
    /// # Errors
    ///
    /// As [`KeySet::<RsaPublicKey<A>>::from_jwk_set`], but that private members are what it is for.
    pub fn from_secret_jwk_set(jwk_set: &str) -> Result<Self, KeyError> {
        Self::read(jwk_set, |_| None, RsaPrivateKey::from_members)
    }

    /// The keys as a private JWK Set.
    #[must_use]
    pub fn to_secret_jwk_set(&self) -> SecretString {
        join_secret(&self.keys.iter().map(RsaPrivateKey::to_secret_jwk).collect::<Vec<_>>())
    }
}

impl KeySet<Hs256Key> {
    /// The secret JWK Set's `oct` keys for HS256; the others are left out and reported by
    /// [`skipped`](KeySet::skipped).
    ///
    /// # Errors
    ///
    /// As [`KeySet::<RsaPublicKey<A>>::from_jwk_set`], but that symmetric members are what it is for.
    pub fn from_secret_jwk_set(jwk_set: &str) -> Result<Self, KeyError> {
        Self::read(jwk_set, |_| None, Hs256Key::from_members)
    }

    /// The keys as a secret JWK Set.
    #[must_use]
    pub fn to_secret_jwk_set(&self) -> SecretString {
        join_secret(&self.keys.iter().map(Hs256Key::to_secret_jwk).collect::<Vec<_>>())
    }
}

/// Joins in one allocation, so that growing leaves no copy behind.
fn join_secret(keys: &[SecretString]) -> SecretString {
    let bytes: usize = keys.iter().map(|key| key.expose().len() + 1).sum();
    let mut set = Zeroizing::new(String::with_capacity(bytes + 16));
    set.push_str(r#"{"keys":["#);
    for (position, key) in keys.iter().enumerate() {
        if position > 0 {
            set.push(',');
        }
        set.push_str(key.expose());
    }
    set.push_str("]}");
    SecretString::new(set)
}

/// The members of a JWK Set, each as received.
fn members(jwk_set: &str) -> Result<Vec<Raw<'_>>, KeyError> {
    #[derive(Default)]
    struct Set<'a>(Option<Raw<'a>>);
    impl<'a> MemberSlots<'a> for Set<'a> {
        fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
            (name == "keys").then_some(&mut self.0)
        }
    }
    if jwk_set.len() > KEY_SET_MAX_LEN {
        return Err(KeyError::TooLong);
    }
    let mut set = Set::default();
    read_object(jwk_set.as_bytes(), &Limits::DEFAULT, &mut set)
        .map_err(|_| KeyError::InvalidJson)?;
    let wrong = |problem| KeyError::InvalidJwk { member: "keys", problem };
    let keys = set.0.ok_or(wrong(JwkProblem::Missing))?;
    if !keys.is_array() {
        return Err(wrong(JwkProblem::WrongType));
    }
    keys.elements(KEY_SET_KEYS).ok_or(KeyError::TooManyKeys)
}

impl<K: sealed::Identified> sealed::SelectKey for KeySet<K> {
    type Key = K;

    fn select(&self, hints: &UnverifiedHints) -> Result<SelectedKey<'_, K>, Error> {
        let key = match (hints.key_id(), &self.keys[..]) {
            (Some(kid), keys) => keys.iter().find(|key| key.key_id() == Some(kid)),
            (None, [only]) => Some(only),
            (None, []) => None,
            (None, _) => return Err(Error::KeyIdRequired),
        };
        key.map(|key| SelectedKey { key, issuer: None }).ok_or(Error::NoMatchingKey)
    }
}

/// Keys by issuer: a token is verified with the keys of the issuer it names, and its verified `iss`
/// then has to be that issuer (RFC 8725 section 3.8).
///
/// ```
/// use strict_jose::{
///     Audience, Claims, Hs256Key, Issuer, TrustedIssuers, Validated, Validation, jwt,
/// };
/// use std::time::Duration;
///
/// let (a, b) = (Hs256Key::generate()?, Hs256Key::generate()?);
/// let keys = TrustedIssuers::new().with("https://a.example", a.clone()).with("https://b.example", b);
/// let rules = Validation::new(Issuer::bound_to_key(), Audience::includes("api"));
///
/// let claims = Claims::expiring_in(Duration::from_secs(60)).audience("api");
/// let token = jwt::sign(&claims.clone().issuer("https://a.example"), &a)?;
/// let accepted: Validated = jwt::verify(&token, &keys, &rules)?;
/// let token = jwt::sign(&claims.issuer("https://b.example"), &a)?;
/// let rejected: Result<Validated, _> = jwt::verify(&token, &keys, &rules);
/// assert_eq!(rejected.unwrap_err().code(), "signature.invalid");
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrustedIssuers<K> {
    issuers: BTreeMap<String, K>,
}

impl<K> TrustedIssuers<K> {
    /// Nobody is trusted yet.
    #[must_use]
    pub fn new() -> Self {
        Self { issuers: BTreeMap::new() }
    }

    /// Trusts this issuer with these keys: one key, or a [`KeySet`]. Replaces those it had.
    #[must_use]
    pub fn with(mut self, issuer: impl Into<String>, keys: K) -> Self {
        self.issuers.insert(issuer.into(), keys);
        self
    }
}

impl<K> Default for TrustedIssuers<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: sealed::SelectKey> sealed::SelectKey for TrustedIssuers<K> {
    type Key = K::Key;
    const BY_ISSUER: bool = true;

    fn select(&self, hints: &UnverifiedHints) -> Result<SelectedKey<'_, K::Key>, Error> {
        // First the issuer, then `kid` among its own keys: two issuers may use the same `kid`, and
        // a search over all keys would let one of them sign for the other.
        let issuer = hints.issuer().ok_or(Error::UnknownIssuer)?;
        let (issuer, keys) = self.issuers.get_key_value(issuer).ok_or(Error::UnknownIssuer)?;
        Ok(SelectedKey { key: keys.select(hints)?.key, issuer: Some(issuer) })
    }
}
