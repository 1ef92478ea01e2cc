//! Our declarations are those of the headers of the aws-lc that is linked, whichever release that is.
#![allow(clippy::unwrap_used, reason = "a failure is a panic")]

use std::fs;
use std::path::Path;

/// A header without its line breaks and runs of blanks.
fn header(name: &str) -> String {
    let path = Path::new(env!("AWS_LC_INCLUDE")).join("openssl").join(name);
    fs::read_to_string(path).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn declarations_are_those_of_the_headers() {
    let (rsa, err) = (header("rsa.h"), header("err.h"));
    for (header, declaration) in [
        (&err, "OPENSSL_EXPORT void ERR_clear_error(void);"),
        (
            &rsa,
            "OPENSSL_EXPORT int RSA_decrypt(RSA *rsa, size_t *out_len, uint8_t *out, size_t max_out, \
             const uint8_t *in, size_t in_len, int padding);",
        ),
        (&rsa, "OPENSSL_EXPORT void RSA_free(RSA *rsa);"),
        (&rsa, "OPENSSL_EXPORT const BIGNUM *RSA_get0_e(const RSA *rsa);"),
        (&rsa, "OPENSSL_EXPORT RSA *RSA_private_key_from_bytes(const uint8_t *in, size_t in_len);"),
        (&rsa, "OPENSSL_EXPORT unsigned RSA_size(const RSA *rsa);"),
        (&rsa, "#define RSA_NO_PADDING 3 "),
    ] {
        assert!(header.contains(declaration), "{declaration}");
    }
}
