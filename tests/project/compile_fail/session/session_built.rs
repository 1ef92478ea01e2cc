//! A session is not built, by no field and no default; only a verifier makes one.

use strict_jose::profile::session::Session;

fn main() {
    let _ = Session { id: String::new() };
    let _: Session = Default::default();
}
