//! A key for RSA-OAEP is none for RSA1_5, nor the other way round.

use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{RsaOaepDecryptionKey, RsaOaepEncryptionKey};

fn decrypts(key: RsaOaepDecryptionKey) -> Rsa1_5DecryptionKey {
    key
}

fn encrypts(key: Rsa1_5EncryptionKey) -> RsaOaepEncryptionKey {
    key
}

fn main() {}
