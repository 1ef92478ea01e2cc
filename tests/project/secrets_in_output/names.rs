//! Every failure has one name for good, and a short text.

use crate::support::{claims::*, kept::Once, outcome::*, signing::*};
use std::collections::BTreeSet;
use std::error::Error as _;
use strict_jose::{
    AfterRestart, ClaimError, Error, ExternalError, HeaderProblem, JsonProblem, JwkProblem,
    KeyError, MemoryReplayGuard, NoPrivateClaims, Part, ReplayError, RuleError, jwt,
};

/// Every code there is, one a line. Log searches and alarms are built on them: none is ever renamed or reused.
const CODES: &str = include_str!("../../../codes.txt");

/// The codes of `profile::session`, or those of everything else.
fn codes(of_sessions: bool) -> BTreeSet<&'static str> {
    CODES.lines().filter(|code| code.starts_with("session.") == of_sessions).collect()
}

/// Every variant that can be made from outside, each number as long as it gets.
fn every_error() -> Vec<Error> {
    let most = usize::MAX;
    let part = Part::InitializationVector;
    let mut errors = vec![
        Error::TokenTooLong { limit: most },
        Error::IllegalCharacter,
        Error::SegmentCount { found: most, expected: most },
        Error::Base64url(part),
        Error::PartTooLong { part, limit: most },
        Error::PartLength { part, expected: most },
        Error::NoMatchingKey,
        Error::KeyIdRequired,
        Error::UnknownIssuer,
        Error::InvalidSignature,
        Error::DecryptionFailed,
        Error::NestedNotSigned,
        Error::Replayed,
        Error::RandomnessUnavailable,
        Error::ClockUnavailable,
        Error::UnserializableClaims,
        Error::SigningFailed,
    ];
    for problem in [
        JsonProblem::Syntax,
        JsonProblem::NotAnObject,
        JsonProblem::DuplicateName,
        JsonProblem::TooDeep,
        JsonProblem::TooMany,
        JsonProblem::NumberOutOfRange,
        JsonProblem::LoneSurrogate,
    ] {
        errors.push(Error::Json { part, problem });
    }
    for problem in [
        HeaderProblem::Missing,
        HeaderProblem::WrongType,
        HeaderProblem::TooLong,
        HeaderProblem::Unsupported,
        HeaderProblem::Mismatch,
    ] {
        errors.push(Error::Header { parameter: "crit", problem });
    }
    errors.extend(
        [
            ReplayError::Full,
            ReplayError::UNAVAILABLE,
            ReplayError::ClockBehind,
            ReplayError::NotReady,
        ]
        .map(Error::Replay),
    );
    let external =
        [ExternalError::Rejected, ExternalError::Unavailable, ExternalError::WrongAnswer];
    errors.extend(external.map(Error::External));
    errors.extend(every_key_error().into_iter().map(Error::Key));
    errors.extend(every_claim_error().into_iter().map(Error::Claim));
    let rules = [RuleError::AliasTaken, RuleError::EmptyList, RuleError::LeewayTooLong];
    errors.extend(rules.map(Error::from));
    errors
}

fn every_key_error() -> Vec<KeyError> {
    let mut errors = vec![
        KeyError::Malformed,
        KeyError::UnexpectedPemLabel,
        KeyError::NotRsa,
        KeyError::SecretTooShort { minimum: usize::MAX },
        KeyError::SecretTooLong { maximum: usize::MAX },
        KeyError::SecretLooksLikeKeyText,
        KeyError::UnsupportedModulusSize,
        KeyError::EvenModulus,
        KeyError::UnsupportedExponent,
        KeyError::Inconsistent,
        KeyError::TooLong,
        KeyError::InvalidJson,
        KeyError::InvalidKeyId,
        KeyError::DuplicateKeyId,
        KeyError::KeyIdMissing,
        KeyError::TooManyKeys,
        KeyError::NoKeys,
        KeyError::PrivateMember,
        KeyError::RandomnessUnavailable,
    ];
    for problem in [
        JwkProblem::Missing,
        JwkProblem::WrongType,
        JwkProblem::Encoding,
        JwkProblem::Mismatch,
        JwkProblem::Forbidden,
    ] {
        errors.push(KeyError::InvalidJwk { member: "key_ops", problem });
    }
    errors
}

/// One claim error of each kind; nobody outside can make one, so each comes from a refusal.
fn every_claim_error() -> Vec<ClaimError> {
    let once = rules().once(MemoryReplayGuard::with_capacity(1));
    let long = token(claims(&[("jti", &text(&"j".repeat(257)))]));
    let too_long = jwt::verify::<NoPrivateClaims>(&long, &hs256(), &once);
    let begun = rules().single_use(
        MemoryReplayGuard::with_capacity(1),
        AfterRestart::only_issued_after(at(NOW - 1)),
    );
    let too_early = jwt::verify::<NoPrivateClaims>(&token(claims(&[])), &hs256(), &begun);
    let verdicts = [
        judge(&[("exp", "")]),
        judge(&[("exp", "null")]),
        judge(&[("aud", "[]")]),
        too_long,
        judge(&[("exp", "-1")]),
        judge(&[("exp", "1700000300000")]),
        judge(&[("iss", "\"x\"")]),
        judge(&[("exp", "1")]),
        judge(&[("nbf", "1700000001")]),
        judge(&[("iat", "1700000001")]),
        judge_by(&[], &rules().max_lifetime(seconds(1))),
        judge_by(&[("iat", "1")], &rules().max_age(seconds(1))),
        too_early,
    ];
    verdicts
        .into_iter()
        .map(|verdict| match verdict {
            Err(Error::Claim(error)) => error,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn every_code_is_unique_and_stays() {
    let codes: Vec<_> = every_error().iter().map(Error::code).collect();
    let count = codes.len();
    let unique: BTreeSet<_> = codes.into_iter().collect();
    assert_eq!(unique.len(), count);
    assert_eq!(unique, self::codes(false));
    for code in &unique {
        assert!(code.split('.').count() == 2 && !code.starts_with('.') && !code.ends_with('.'));
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
        assert!(code.chars().all(plain), "{code}");
    }
    // A variant that the lists above have not heard of would show up in the source first.
    let sources = [
        include_str!("../../../src/error.rs"),
        include_str!("../../../src/error/claim.rs"),
        include_str!("../../../src/error/key.rs"),
        include_str!("../../../src/error/replay.rs"),
    ];
    let written: Vec<_> = sources
        .iter()
        .flat_map(|source| source.split("=> \"").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|text| text.contains('.') && !text.contains(' '))
        .collect();
    assert_eq!(written.len(), count);
    assert_eq!(written.into_iter().collect::<BTreeSet<_>>(), unique);
}

#[test]
#[cfg(feature = "session")]
fn every_code_of_a_session_is_unique_and_stays() {
    use strict_jose::profile::session::{Reason, SessionStoreError};
    let reasons = [
        Reason::OriginMissing,
        Reason::OriginInvalid,
        Reason::AddressMissing,
        Reason::SessionNotNamed,
        Reason::PageKeyNotNamed,
        Reason::SubjectNotOpaque,
        Reason::SessionEnded,
        Reason::Store(SessionStoreError::Full),
        Reason::Store(SessionStoreError::Unavailable),
    ];
    let codes: BTreeSet<_> = reasons.iter().map(Reason::code).collect();
    assert_eq!(codes.len(), reasons.len());
    assert_eq!(codes, self::codes(true));
    assert!(codes.is_disjoint(&self::codes(false)));
    let texts: BTreeSet<_> = reasons.iter().map(Reason::to_string).collect();
    assert_eq!(texts.len(), reasons.len());
    assert!(texts.iter().all(|text| text.len() <= 200 && text.is_ascii() && !text.ends_with('.')));
    assert_eq!(Reason::Token(Error::Replayed).code(), Error::Replayed.code());
    let sources = [
        include_str!("../../../src/profile/session/refusal.rs"),
        include_str!("../../../src/profile/session/ended.rs"),
    ];
    let written =
        sources.iter().map(|source| source.matches("=> \"session.").count()).sum::<usize>();
    assert_eq!(written, codes.len());
}

#[test]
fn every_text_is_short_and_one_line() {
    let mut texts = BTreeSet::new();
    let mut check = |error: &dyn std::error::Error| {
        let mut next = Some(error);
        while let Some(error) = next {
            for text in [error.to_string(), format!("{error:?}")] {
                assert!((1..=200).contains(&text.len()), "{text}");
                assert!(text.chars().all(|c| !c.is_control()) && text.is_ascii(), "{text}");
            }
            assert!(!error.to_string().ends_with('.'));
            next = error.source();
        }
        texts.insert(error.to_string())
    };
    let errors = every_error();
    let count = errors.iter().filter(|error| check(*error)).count();
    // Two pairs say the same, each of keys and of tokens.
    assert!(count + 2 >= errors.len(), "{count} of {}", errors.len());
    for error in &errors {
        let inner = matches!(
            error,
            Error::Claim(_)
                | Error::Replay(_)
                | Error::External(_)
                | Error::Key(_)
                | Error::Rule(_)
        );
        assert_eq!(error.source().is_some(), inner, "{error}");
    }
}

#[test]
fn a_text_names_the_part_it_is_about() {
    for (part, name) in [
        (Part::Header, "header"),
        (Part::Payload, "payload"),
        (Part::Signature, "signature"),
        (Part::EncryptedKey, "encrypted key"),
        (Part::InitializationVector, "initialization vector"),
        (Part::Ciphertext, "ciphertext"),
        (Part::AuthenticationTag, "authentication tag"),
    ] {
        let text = Error::Base64url(part).to_string();
        assert!(text.contains(name), "{text}");
    }
}
