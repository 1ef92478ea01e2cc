//! What is encrypted decrypts and comes back as it was; with one character changed it does not.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use strict_jose::{JweHeader, internals, jwe};
use strict_jose_fuzz::RSA_OAEP;
use strict_jose_fuzz::input::enc;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    enc: u8,
    plaintext: &'a [u8],
    aad: &'a [u8],
    cek: [u8; 32],
    iv: [u8; 16],
    spoil: (u16, u8),
    /// RSA takes a thousand times as long as the rest: now and then is enough.
    rsa: u8,
    typ: String,
}

fuzz_target!(|input: Input| {
    let enc = enc(input.enc);
    let (cek, iv) = (&input.cek[..enc.cek_len()], &input.iv[..internals::iv_len(enc)]);
    let (content, tag) =
        internals::seal_content(enc, cek, iv, input.aad, input.plaintext).expect("lengths of enc");
    let open = |content: &[u8], tag: &[u8; 16]| {
        internals::open_content(enc, cek, iv, input.aad, content, tag)
    };
    assert_eq!(open(&content, &tag).expect("our own"), input.plaintext);

    let (position, change) = (usize::from(input.spoil.0), input.spoil.1);
    let mut other = [&content[..], &tag].concat();
    let position = position % other.len();
    other[position] ^= change;
    let (other_content, other_tag) = other.split_at(content.len());
    let opened = open(other_content, other_tag.try_into().expect("16 octets"));
    assert_eq!(opened.is_some(), change == 0, "changed content was taken");
    if !content.is_empty() {
        assert!(open(&content[1..], &tag).is_none(), "cut content was taken");
    }

    if input.rsa == 0 && input.typ.len() < 4096 {
        let public = RSA_OAEP.public_key();
        let header = JweHeader::new(enc).typ(input.typ.clone());
        let token =
            jwe::encrypt_with_header(input.plaintext, &header, &public).expect("random octets");
        let plaintext = jwe::decrypt(&token, &*RSA_OAEP).expect("our own");
        assert_eq!(&plaintext[..], input.plaintext);
        assert_eq!(plaintext.header().typ(), Some(&*input.typ));
    }
});
