//! What must be impossible, where types see to it: each file beside this one does not compile, for the
//! reason in the text beside it.
//!
//! The texts are those of the stable compiler with the default features; `TRYBUILD=overwrite` writes
//! them anew.

/// The same calls with what is right. It is built with this file, so it does compile.
#[path = "compile_fail/control/what_is_right.rs"]
mod control;

#[test]
fn what_must_not_compile_does_not() {
    control::all();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/project/compile_fail/*.rs");
    #[cfg(feature = "session")]
    cases.compile_fail("tests/project/compile_fail/session/*.rs");
}
