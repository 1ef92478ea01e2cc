//! What must be impossible, where types see to it: each file beside this one does not compile, for the
//! reason in the text beside it.
//!
//! The texts are those of the stable compiler with the default features; `TRYBUILD=overwrite` writes
//! them anew.
#![cfg(all(feature = "jwe", feature = "ring"))]
#![allow(missing_docs)]

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/control/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
