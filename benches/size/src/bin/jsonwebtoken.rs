//! jsonwebtoken on aws-lc-rs: RS256.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use std::error::Error;
use strict_jose_size::{AUDIENCE, ISSUER, PUBLIC_PEM, TOKEN};

#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = DecodingKey::from_rsa_pem(PUBLIC_PEM.as_bytes())?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    let claims = decode::<Claims>(TOKEN, &key, &rules)?.claims;
    println!("{:?}", claims.sub);
    Ok(())
}
