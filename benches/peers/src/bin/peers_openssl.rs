//! The peers that can share a program with OpenSSL.

use strict_jose_peers::library::{biscuit, josekit, run};

fn main() {
    run::main("OpenSSL", &[josekit::contenders, biscuit::contenders]);
}
