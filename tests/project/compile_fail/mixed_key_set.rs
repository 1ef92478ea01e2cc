//! A set holds keys of one algorithm in one role.

use strict_jose::{Hs256Key, KeyError, KeySet, Rs256VerifyingKey};

fn mixed(secret: Hs256Key, public: Rs256VerifyingKey) -> Result<(), KeyError> {
    let mut keys = KeySet::new([secret])?;
    keys.insert(public)
}

fn main() {}
