//! Nothing that holds a secret serializes.

use serde::Serialize;
use strict_jose::{Hs256Key, Rs256SigningKey, RsaOaepDecryptionKey, SecretBytes, SecretString};

fn write<T: Serialize>() {}

fn main() {
    write::<Hs256Key>();
    write::<Rs256SigningKey>();
    write::<RsaOaepDecryptionKey>();
    write::<SecretBytes>();
    write::<SecretString>();
}
