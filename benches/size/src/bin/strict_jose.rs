//! strict-jose: RS256, and with `jwe` also, if any argument is given, RSA-OAEP there and back.

use std::error::Error;
use strict_jose::{Audience, Issuer, NoPrivateClaims, Rs256VerifyingKey, Validation, jwt};
use strict_jose_size::{AUDIENCE, ISSUER, PUBLIC_PEM, TOKEN};

fn main() -> Result<(), Box<dyn Error>> {
    let key = Rs256VerifyingKey::from_pem(PUBLIC_PEM)?;
    let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(AUDIENCE));
    let claims = jwt::verify::<NoPrivateClaims>(TOKEN, &key, &rules)?;
    println!("{:?}", claims.subject());
    #[cfg(feature = "jwe")]
    if std::env::args().len() > 1 {
        use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, jwe};
        let key = RsaOaepDecryptionKey::from_pem(strict_jose_size::PRIVATE_PEM)?;
        let token = jwe::encrypt(TOKEN, ContentEncryption::A256Gcm, &key.public_key())?;
        println!("{}", jwe::decrypt(&token, &key)?.len());
    }
    Ok(())
}
