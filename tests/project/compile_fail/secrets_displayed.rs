//! Nothing that holds a secret has a text, nor the octets themselves without being asked.

use strict_jose::{Hs256Key, Rs256SigningKey, SecretBytes, SecretString};

fn show<T: core::fmt::Display>() {}
fn bytes<T: AsRef<[u8]>>() {}

fn main() {
    show::<Hs256Key>();
    show::<Rs256SigningKey>();
    show::<SecretString>();
    bytes::<Hs256Key>();
    bytes::<SecretBytes>();
}
