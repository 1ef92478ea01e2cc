//! The peers that can share a program with BoringSSL.

use strict_jose_peers::library::{jwt_simple, run};

fn main() {
    run::main("BoringSSL", &[jwt_simple::contenders]);
}
