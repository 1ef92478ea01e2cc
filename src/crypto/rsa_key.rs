//! RSA keys: bounds first, then structure, then consistency (RFC 8017 section 3, RFC 7518 section 6.3).

use super::random::SystemRandom;
use crate::error::KeyError;
use crate::limits::{KEY_TEXT_MAX_LEN, RSA_EXPONENT_BITS, RSA_MODULUS_BITS};
#[cfg(any(feature = "jwe", not(any(feature = "aws-lc-rs", feature = "ring"))))]
use rsa::PublicKey;
use rsa::pkcs8::PrivateKeyInfoRef;
use rsa::pkcs8::der::asn1::{BitStringRef, Null, OctetStringRef, UintRef};
use rsa::pkcs8::der::{Decode as _, Encode, SecretDocument};
use rsa::pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The public part, big-endian without leading zeros; within the bounds, odd modulus, odd exponent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaPublic {
    modulus: Box<[u8]>,
    exponent: Box<[u8]>,
}

/// A private key whose parts belong together. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct RsaPrivate(PrivateKey);

/// The integers of a private key, big-endian, as PKCS#1 and JWK name them.
pub(crate) struct PrivateParts<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    pub(crate) dp: &'a [u8],
    pub(crate) dq: &'a [u8],
    pub(crate) qi: &'a [u8],
}

impl RsaPublic {
    /// Checks lengths and parity before any big-number work.
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (trim(n), trim(e));
        if !RSA_MODULUS_BITS.contains(&bits(n)) {
            return Err(KeyError::UnsupportedModulusSize);
        }
        // The product of two odd primes is odd, and Montgomery arithmetic needs an odd modulus.
        if !is_odd(n) {
            return Err(KeyError::EvenModulus);
        }
        // An even exponent has no inverse, and 1 leaves every message as it is.
        if !is_odd(e) || e == [1] || bits(e) > RSA_EXPONENT_BITS {
            return Err(KeyError::UnsupportedExponent);
        }
        Ok(Self { modulus: n.into(), exponent: e.into() })
    }

    pub(crate) fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(bounded(der)?).map_err(malformed)?;
        check_algorithm(&info.algorithm)?;
        Self::from_pkcs1_der(info.subject_public_key.as_bytes().ok_or(KeyError::Malformed)?)
    }

    pub(crate) fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = rsa::pkcs1::RsaPublicKeyRef::from_der(bounded(der)?).map_err(malformed)?;
        Self::new(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    pub(crate) fn to_spki_der(&self) -> Vec<u8> {
        let key = self.to_pkcs1_der();
        encode(&SubjectPublicKeyInfoRef {
            algorithm: rsa::pkcs1::ALGORITHM_ID,
            subject_public_key: short(BitStringRef::from_bytes(&key)),
        })
    }

    pub(crate) fn to_pkcs1_der(&self) -> Vec<u8> {
        encode(&rsa::pkcs1::RsaPublicKey {
            modulus: short(UintRef::new(&self.modulus)),
            public_exponent: short(UintRef::new(&self.exponent)),
        })
    }

    /// The form the `rsa` crate computes with.
    #[cfg(any(feature = "jwe", not(any(feature = "aws-lc-rs", feature = "ring"))))]
    pub(crate) fn to_rsa(&self) -> Result<PublicKey, KeyError> {
        PublicKey::new(
            integer(&self.modulus, self.modulus_len()),
            integer(&self.exponent, self.exponent.len()),
        )
        .map_err(|_| KeyError::Malformed)
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(crate) fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    /// `k` of RFC 8017: how many octets the modulus, a signature and a ciphertext have.
    pub(crate) fn modulus_len(&self) -> usize {
        self.modulus.len()
    }
}

impl RsaPrivate {
    /// Two primes, exponent 65537. Takes a second for 3072 bits, many for 8192.
    pub(crate) fn generate(modulus_bits: usize) -> Result<Self, KeyError> {
        if !RSA_MODULUS_BITS.contains(&modulus_bits) {
            return Err(KeyError::UnsupportedModulusSize);
        }
        match PrivateKey::new(&mut SystemRandom, modulus_bits) {
            Ok(key) => Self::whole(key),
            Err(rsa::Error::Rng) => Err(KeyError::RandomnessUnavailable),
            Err(_) => Err(KeyError::Inconsistent),
        }
    }

    /// A key of two primes from which every other part has been computed.
    fn whole(key: PrivateKey) -> Result<Self, KeyError> {
        let whole = key.primes().len() == 2
            && key.dp().is_some()
            && key.dq().is_some()
            && key.qinv().is_some();
        if whole { Ok(Self(key)) } else { Err(KeyError::Inconsistent) }
    }

    /// Checks bounds, then that `n = pq`, that `d` undoes `e`, and that `dp`, `dq`, `qi` follow.
    pub(crate) fn new(parts: &PrivateParts<'_>) -> Result<Self, KeyError> {
        let public = RsaPublic::new(parts.n, parts.e)?;
        let secret = [parts.d, parts.p, parts.q, parts.dp, parts.dq, parts.qi].map(trim);
        // `integer` below cuts off what is too long: a part with extra octets in front would pass
        // for the right one.
        if secret.iter().any(|bytes| bytes.is_empty() || bytes.len() > public.modulus_len()) {
            return Err(KeyError::Inconsistent);
        }
        let [d, p, q, dp, dq, qi] = secret;
        let secret = |bytes| integer(bytes, public.modulus_len());
        let key = PrivateKey::from_components(
            secret(public.modulus()),
            integer(public.exponent(), public.exponent().len()),
            secret(d),
            vec![secret(p), secret(q)],
        )
        .map_err(|_| KeyError::Inconsistent)?;
        let key = Self::whole(key)?;
        // Every operation uses the key's own values. Parts that differ are damaged or forged: a
        // program that used them would compute wrong signatures, which can reveal the primes.
        let ([_, _, own_dp, own_dq], own_qi) = key.chinese_remainder();
        let follows = same(dp, own_dp) & same(dq, own_dq) & same(qi, &own_qi);
        if bool::from(follows) { Ok(key) } else { Err(KeyError::Inconsistent) }
    }

    pub(crate) fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::from_der(bounded(der)?).map_err(malformed)?;
        check_algorithm(&info.algorithm)?;
        Self::from_pkcs1_der(info.private_key.as_bytes())
    }

    pub(crate) fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = rsa::pkcs1::RsaPrivateKeyRef::from_der(bounded(der)?).map_err(malformed)?;
        if key.other_prime_infos.is_some() {
            return Err(KeyError::Inconsistent);
        }
        Self::new(&parts(&key))
    }

    /// `p`, `q`, `dp` and `dq`; and `qi`, which the `rsa` crate keeps in another form.
    fn chinese_remainder(&self) -> ([&BoxedUint; 4], Zeroizing<BoxedUint>) {
        let key = &self.0;
        let ([p, q], Some(dp), Some(dq), Some(qi)) = (key.primes(), key.dp(), key.dq(), key.qinv())
        else {
            unreachable!("`whole` has looked at them")
        };
        ([p, q, dp, dq], Zeroizing::new(qi.retrieve()))
    }

    pub(crate) fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let key = self.to_pkcs1_der();
        let key = short(OctetStringRef::new(&key));
        encode_secret(&PrivateKeyInfoRef::new(rsa::pkcs1::ALGORITHM_ID, key))
    }

    /// From the integers as they are kept: the `rsa` crate would compute three of them anew, and leave
    /// copies behind.
    pub(crate) fn to_pkcs1_der(&self) -> Zeroizing<Vec<u8>> {
        let key = &self.0;
        let ([p, q, dp, dq], qi) = self.chinese_remainder();
        let [d, p, q, dp, dq, qi] = [key.d(), p, q, dp, dq, &qi]
            .map(|integer| Zeroizing::new(integer.to_be_bytes().into_vec()));
        let (n, e) = (key.n_bytes(), key.e_bytes());
        encode_secret(&rsa::pkcs1::RsaPrivateKeyRef {
            modulus: short(UintRef::new(&n)),
            public_exponent: short(UintRef::new(&e)),
            private_exponent: short(UintRef::new(&d)),
            prime1: short(UintRef::new(&p)),
            prime2: short(UintRef::new(&q)),
            exponent1: short(UintRef::new(&dp)),
            exponent2: short(UintRef::new(&dq)),
            coefficient: short(UintRef::new(&qi)),
            other_prime_infos: None,
        })
    }

    /// The integer that a ciphertext is, as wide as the modulus; `None` if it has another length.
    ///
    /// One not below the modulus, which anyone can see, goes on as 1: no padding holds around that.
    #[cfg(feature = "jwe")]
    pub(crate) fn representative(&self, bytes: &[u8]) -> Option<BoxedUint> {
        let width = self.0.size();
        (bytes.len() == width).then(|| {
            let integer = integer(bytes, width);
            if integer < *self.0.n().as_ref() {
                return integer;
            }
            BoxedUint::one_with_precision(integer.bits_precision())
        })
    }

    /// Hands the key's integers to `use_parts`, without leading zeros, and wipes them after.
    pub(crate) fn with_parts<T>(&self, use_parts: impl FnOnce(&PrivateParts<'_>) -> T) -> T {
        let der = self.to_pkcs1_der();
        let key = short(rsa::pkcs1::RsaPrivateKeyRef::from_der(&der));
        use_parts(&parts(&key))
    }

    /// The form the `rsa` crate computes with.
    pub(crate) fn as_rsa(&self) -> &PrivateKey {
        &self.0
    }

    pub(crate) fn public(&self) -> RsaPublic {
        RsaPublic { modulus: self.0.n_bytes(), exponent: self.0.e_bytes() }
    }
}

fn parts<'a>(key: &rsa::pkcs1::RsaPrivateKeyRef<'a>) -> PrivateParts<'a> {
    PrivateParts {
        n: key.modulus.as_bytes(),
        e: key.public_exponent.as_bytes(),
        d: key.private_exponent.as_bytes(),
        p: key.prime1.as_bytes(),
        q: key.prime2.as_bytes(),
        dp: key.exponent1.as_bytes(),
        dq: key.exponent2.as_bytes(),
        qi: key.coefficient.as_bytes(),
    }
}

/// Both encodings wrap the key in an algorithm identifier: plain RSA with NULL, nothing else, so that
/// a key restricted to RSASSA-PSS is not used for another scheme.
fn check_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<(), KeyError> {
    if algorithm.oid != rsa::pkcs1::ALGORITHM_OID {
        return Err(KeyError::NotRsa);
    }
    match algorithm.parameters {
        Some(parameters) if parameters == Null.into() => Ok(()),
        _ => Err(KeyError::Malformed),
    }
}

fn bounded(der: &[u8]) -> Result<&[u8], KeyError> {
    if der.len() > KEY_TEXT_MAX_LEN { Err(KeyError::TooLong) } else { Ok(der) }
}

fn encode(key: &impl Encode) -> Vec<u8> {
    short(key.to_der())
}

fn encode_secret(key: &impl Encode) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(short(SecretDocument::encode_msg(key)).as_bytes().to_vec())
}

/// What DER makes of a key within our bounds: its lengths have three octets, and DER takes four.
fn short<T>(encoded: Result<T, rsa::pkcs8::der::Error>) -> T {
    let Ok(value) = encoded else { unreachable!("the parts of a key of 8192 bits are short") };
    value
}

fn malformed<E>(_: E) -> KeyError {
    KeyError::Malformed
}

fn trim(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..] // at most their number
}

fn bits(bytes: &[u8]) -> usize {
    bytes.split_first().map_or(0, |(first, rest)| {
        let leading = first.checked_ilog2().map_or(0, |position| position + 1);
        rest.len() * 8 + usize::try_from(leading).unwrap_or(8) // at most 8
    })
}

fn is_odd(bytes: &[u8]) -> bool {
    bytes.last().is_some_and(|last| last & 1 == 1)
}

/// The integer in as many bits as `width` octets have: never fewer than `bytes` needs, and never
/// chosen by the value of a secret.
fn integer(bytes: &[u8], width: usize) -> BoxedUint {
    let bits = u32::try_from(width * 8).unwrap_or(u32::MAX); // a modulus has at most 8192
    BoxedUint::from_be_slice_truncated(bytes, bits)
}

/// Whether the octets are this integer, in time that depends on lengths only.
fn same(bytes: &[u8], integer: &BoxedUint) -> subtle::Choice {
    let own = Zeroizing::new(integer.to_be_bytes().into_vec());
    let mut padded = Zeroizing::new(vec![0; own.len()]);
    match padded.len().checked_sub(bytes.len()) {
        Some(zeros) => {
            padded[zeros..].copy_from_slice(bytes); // as many octets as are left
            padded.ct_eq(&own)
        }
        None => subtle::Choice::from(0),
    }
}
