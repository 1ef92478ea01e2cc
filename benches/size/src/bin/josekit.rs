//! josekit: RS256, and with `jwe` also, if any argument is given, RSA-OAEP there and back.

use josekit::jws::RS256;
use josekit::jwt::{self, JwtPayloadValidator};
use std::error::Error;
use strict_jose_size::{AUDIENCE, ISSUER, PUBLIC_PEM, TOKEN};

fn main() -> Result<(), Box<dyn Error>> {
    let verifier = RS256.verifier_from_pem(PUBLIC_PEM)?;
    let (claims, _) = jwt::decode_with_verifier(TOKEN, &verifier)?;
    let mut rules = JwtPayloadValidator::new();
    rules.set_issuer(ISSUER);
    rules.set_audience(AUDIENCE);
    rules.validate(&claims)?;
    println!("{:?}", claims.subject());
    #[cfg(feature = "jwe")]
    if std::env::args().len() > 1 {
        use josekit::jwe::{self, JweHeader, RSA_OAEP};
        let encrypter = RSA_OAEP.encrypter_from_pem(PUBLIC_PEM)?;
        let decrypter = RSA_OAEP.decrypter_from_pem(strict_jose_size::PRIVATE_PEM)?;
        let mut header = JweHeader::new();
        header.set_content_encryption("A256GCM");
        let token = jwe::serialize_compact(TOKEN.as_bytes(), &header, &encrypter)?;
        println!("{}", jwe::deserialize_compact(&token, &decrypter)?.0.len());
    }
    Ok(())
}
