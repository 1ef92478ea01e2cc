//! Classes 81 to 83: one answer for whatever depends on a secret, secrets that do not print, and
//! dependencies that stay where they were put. More in `secrets_in_output.rs` and
//! `secrets_in_memory.rs` of `tests/project`.

use crate::support::{bytes::*, claims::*, outcome::*, repository::*, signing::*};
use std::collections::BTreeSet;

#[test]
#[cfg(feature = "jwe")]
fn h81_one_error_for_all_that_is_secret() {
    use crate::support::encrypted::{CBC, CEK, GCM, header, jwe, private, with_segment};
    use strict_jose::{Error, internals};
    let key = private();
    let public = key.public_key();
    let decrypt = |token: &str| strict_jose::jwe::decrypt(token, &key);
    let (mut errors, mut texts) = (0, BTreeSet::new());
    let mut refuse = |token: &str| {
        let error = decrypt(token).unwrap_err();
        assert_eq!(error, Error::DecryptionFailed);
        texts.insert(format!("{error:?} {error} {}", error.code()));
        errors += 1;
    };
    for enc in [CBC, GCM] {
        let good = jwe(enc, b"sixteen octets..");
        assert!(decrypt(&good).is_ok());
        // Any octet of any segment behind the header.
        for position in 1..5 {
            let bytes = unb64(good.split('.').nth(position).unwrap());
            for place in [0, bytes.len() / 2, bytes.len() - 1] {
                let mut spoilt = bytes.clone();
                spoilt[place] ^= 1;
                refuse(&with_segment(&good, position, &b64(spoilt)));
            }
        }
        // An encrypted key that is zero, not below the modulus, or that holds a CEK of another length.
        let cek = &CEK[..enc.cek_len()];
        let mut wrapped = vec![vec![0; 256], vec![0xff; 256]];
        for length in [0, 1, 16, 24, 31, 33, 64] {
            if length != cek.len() {
                wrapped.push(internals::wrap_with(&public, &vec![7; length], &[5; 20]));
            }
        }
        let mut other = cek.to_vec();
        other[0] ^= 1;
        wrapped.push(internals::wrap_with(&public, &other, &[5; 20]));
        for encrypted_key in wrapped {
            refuse(&with_segment(&good, 1, &b64(encrypted_key)));
        }
        // Ciphertexts of other lengths, and a header that says something else to the AAD.
        for ciphertext in ["", "AA", &b64([1; 15]), &b64([1; 17]), &b64([1; 160])] {
            refuse(&with_segment(&good, 3, ciphertext));
        }
        refuse(&with_segment(&good, 0, &b64(header("RSA-OAEP", enc).replace(',', ", "))));
    }
    assert_eq!(errors, 2 * (12 + 2 + 7 + 1 + 5 + 1));
    assert_eq!(texts.len(), 1);
}

#[test]
fn h81_one_error_for_every_signature() {
    let (good, public) = (token(claims(&[])), rsa().public_key());
    assert_eq!(jws_outcome(&good), "accepted");
    let (unsigned, mac) = good.rsplit_once('.').unwrap();
    let mut texts = BTreeSet::new();
    for bit in 0..256 {
        let mut bytes = unb64(mac);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let fault = format!("{unsigned}.{}", b64(bytes));
        let error = strict_jose::jws::verify(&fault, &hs256()).unwrap_err();
        texts.insert(format!("{error:?} {error} {}", error.code()));
    }
    let good = strict_jose::jws::sign("{}", &rsa()).unwrap();
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let bytes = unb64(signature);
    let spoilt = (0..256).step_by(37).map(|place| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        bytes
    });
    for bytes in spoilt.chain([vec![0; 256], vec![0xff; 256]]) {
        let fault = format!("{unsigned}.{}", b64(bytes));
        let error = strict_jose::jws::verify(&fault, &public).unwrap_err();
        texts.insert(format!("{error:?} {error} {}", error.code()));
    }
    assert_eq!(texts.len(), 1);
}

#[test]
fn h82_secrets_are_not_printed() {
    let (secret, private) = (hs256(), rsa());
    let jwk = secret.to_secret_jwk();
    let printed = [
        format!("{secret:?} {jwk:?}"),
        format!("{private:?} {:?}", private.to_secret_jwk()),
        format!("{:?}", private.to_secret_pem()),
        format!("{:?}", private.to_secret_pkcs1_der()),
        format!("{:?}", strict_jose::SecretBytes::from(SECRET.to_vec())),
    ];
    let json: serde_json::Value = serde_json::from_str(jwk.expose()).unwrap();
    let k = json["k"].as_str().unwrap();
    for text in printed {
        assert!(text.contains("<redacted>"), "{text}");
        for leak in [k, "secret of", "PRIVATE", "\"d\"", "97, 32, 115"] {
            assert!(!text.contains(leak), "{text}");
        }
    }
}

#[test]
fn h83_dependency_drift() {
    // Of this platform and the features of this build only: other packages need not be on the machine.
    // Two backends are in a build of all features alone.
    let all = cfg!(all(feature = "aws-lc-rs", feature = "ring"));
    let features = if all { &["--all-features"][..] } else { &[] };
    let Some(mut versions) = cargo() else { return };
    let version = versions.arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = cargo()
        .unwrap()
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(features)
        .args(["--filter-platform", host])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    // The lock file has the crates of every feature.
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let versions = |name: &str| -> Vec<(u64, u64, u64)> {
        let found: Vec<_> = lock
            .split(&format!("\nname = \"{name}\"\nversion = \""))
            .skip(1)
            .map(|rest| {
                let release = rest.split(['"', '-', '+']).next().unwrap();
                let mut numbers = release.split('.').map(|number| number.parse().unwrap());
                (numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap())
            })
            .collect();
        assert!(!found.is_empty(), "{name}");
        found
    };
    // RUSTSEC-2023-0071 (Marvin) below 0.10; RUSTSEC-2023-0096 in aes-gcm; RUSTSEC-2025-0009 in ring.
    for (name, least) in [
        ("rsa", (0, 10, 0)),
        ("aes-gcm", (0, 11, 0)),
        ("ring", (0, 17, 14)),
        ("aws-lc-sys", (0, 46, 0)),
        ("base64", (0, 22, 0)),
        ("serde_json", (1, 0, 100)),
    ] {
        for version in versions(name) {
            assert!(version >= least, "{name} {version:?}");
        }
    }
    // What would open the parser's limits, or rewrite numbers.
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let features_of = |name: &str| -> Vec<String> {
        nodes
            .iter()
            .filter(|node| {
                let id = node["id"].as_str().unwrap();
                id.contains(&format!("#{name}@")) || id.starts_with(&format!("{name} "))
            })
            .flat_map(|node| node["features"].as_array().unwrap().clone())
            .map(|feature| feature.as_str().unwrap().to_owned())
            .collect()
    };
    let features = features_of("serde_json");
    assert!(features.iter().any(|feature| feature == "raw_value"), "{features:?}");
    for banned in ["arbitrary_precision", "unbounded_depth"] {
        assert!(!features.iter().any(|feature| feature == banned), "{features:?}");
    }
    // Decompression, regular expressions and network access have no place in the tree.
    for banned in
        ["flate2", "miniz_oxide", "regex", "reqwest", "openssl", "hyper", "chrono", "time"]
    {
        assert!(!packages.iter().any(|package| package["name"] == banned), "{banned}");
    }
}
