//! Prints tokens and keys of this crate as JSON, for other libraries to open:
//! `test-vectors/interop/check.sh` hands them over.
#![allow(clippy::print_stdout)]

use serde_json::{Map, Value, json};
use std::time::Duration;
use strict_jose::{
    Claims, Error, Hs256Key, Rs256SigningKey, RsaAlgorithm, RsaPrivateKey, jws, jwt,
};

/// Every octet value once, so that no text encoding can get by.
fn payload() -> Vec<u8> {
    (0..=255).collect()
}

fn claims() -> Result<Claims<Map<String, Value>>, Error> {
    let mut private = Map::new();
    private.insert("roles".into(), json!(["reader", "writer"]));
    private.insert("given_name".into(), json!("Alïce ☃"));
    Ok(Claims::expiring_in(Duration::from_secs(3600))
        .issuer("https://as.example")
        .audience("https://api.example")
        .audience("https://other.example")
        .subject("alice")
        .not_before(strict_jose::NumericDate::now()?)
        .jwt_id("c2f1d3e0-0002")
        .private(private))
}

/// All forms of a key for one algorithm.
fn forms<A: RsaAlgorithm>(key: &RsaPrivateKey<A>) -> Value {
    let public = key.public_key();
    json!({
        "private_jwk": key.to_secret_jwk().expose(),
        "public_jwk": public.to_jwk(),
        "pkcs8": key.to_secret_pem().expose(),
        "pkcs1": key.to_secret_pkcs1_pem().expose(),
        "spki": public.to_pem(),
        "pkcs1_public": public.to_pkcs1_pem(),
    })
}

/// What is printed.
#[derive(Default)]
struct Output {
    keys: Map<String, Value>,
    tokens: Vec<Value>,
}

impl Output {
    fn push(&mut self, kind: &str, algorithm: &str, key: &str, token: &str) {
        self.tokens.push(json!({
            "kind": kind, "algorithm": algorithm, "key": key, "token": token,
        }));
    }

    fn hs256(&mut self) -> Result<(), Error> {
        let key = Hs256Key::generate()?.with_key_id("hs256")?;
        self.keys.insert("hs256".into(), json!({ "jwk": key.to_secret_jwk().expose() }));
        self.push("jws", "HS256", "hs256", &jws::sign(payload(), &key)?);
        self.push("signed", "HS256", "hs256", &jwt::sign(&claims()?, &key)?);
        Ok(())
    }

    fn rs256(&mut self, name: &str, key: &Rs256SigningKey) -> Result<(), Error> {
        self.keys.insert(name.into(), forms(key));
        self.push("jws", "RS256", name, &jws::sign(payload(), key)?);
        self.push("signed", "RS256", name, &jwt::sign(&claims()?, key)?);
        Ok(())
    }
}

#[cfg(feature = "jwe")]
mod encryption {
    use super::{Error, Output, Rs256SigningKey, claims, forms, payload};
    use strict_jose::{
        ContentEncryption, EncryptionKey, RsaAlgorithm, RsaPrivateKey, RsaPublicKey, jwe, jwt,
    };

    impl Output {
        /// Octets, claims, and claims signed first, with each content encryption.
        pub(super) fn encrypted<A: RsaAlgorithm>(
            &mut self,
            alg: &str,
            name: &str,
            key: &RsaPrivateKey<A>,
            signer: &Rs256SigningKey,
        ) -> Result<(), Error>
        where
            RsaPublicKey<A>: EncryptionKey,
        {
            self.keys.insert(name.into(), forms(key));
            let public = key.public_key();
            for enc in ContentEncryption::ALL {
                let algorithm = format!("{alg}/{enc}");
                let token = jwe::encrypt(payload(), enc, &public)?;
                self.push("jwe", &algorithm, name, &token);
                let token = jwt::encrypt(&claims()?, enc, &public)?;
                self.push("encrypted", &algorithm, name, &token);
                let token = jwt::sign_then_encrypt(&claims()?, signer, enc, &public)?;
                self.push("nested", &algorithm, name, &token);
            }
            Ok(())
        }
    }
}

fn main() -> Result<(), Error> {
    let mut output = Output::default();
    output.hs256()?;
    for bits in [2048, 3072] {
        let name = format!("rs256-{bits}");
        let signer = Rs256SigningKey::generate(bits)?.with_key_id(&name)?;
        output.rs256(&name, &signer)?;
        #[cfg(feature = "jwe")]
        {
            // The same integers in another role: making a pair takes long.
            let der = signer.to_secret_pkcs8_der();
            let name = format!("rsa-oaep-{bits}");
            let key = strict_jose::RsaOaepDecryptionKey::from_pkcs8_der(der.expose())?;
            output.encrypted("RSA-OAEP", &name, &key.with_key_id(&name)?, &signer)?;
            let name = format!("rsa1_5-{bits}");
            let key = strict_jose::legacy::Rsa1_5DecryptionKey::from_pkcs8_der(der.expose())?;
            output.encrypted("RSA1_5", &name, &key.with_key_id(&name)?, &signer)?;
        }
    }
    println!("{}", json!({ "payload": payload(), "keys": output.keys, "tokens": output.tokens }));
    Ok(())
}
