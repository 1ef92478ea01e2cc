//! JSON of what may be secret, written into a buffer that leaves nothing behind when it grows.

use serde::Serialize;
use std::io;
use zeroize::Zeroizing;

/// Writes the value as JSON after what the text holds already.
pub(crate) fn append_wiped(
    text: &mut Zeroizing<Vec<u8>>,
    value: &impl Serialize,
) -> serde_json::Result<()> {
    serde_json::to_writer(Wiping(text), value)
}

struct Wiping<'t>(&'t mut Zeroizing<Vec<u8>>);

impl io::Write for Wiping<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write_all(octets).map(|()| octets.len())
    }

    fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        if octets.len() > self.0.capacity() - self.0.len() {
            grow(self.0, octets.len());
        }
        self.0.extend_from_slice(octets);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cold]
fn grow(text: &mut Zeroizing<Vec<u8>>, octets: usize) {
    let room = (text.len() + octets).max(text.capacity() * 2);
    let mut grown = Zeroizing::new(Vec::with_capacity(room));
    grown.extend_from_slice(text);
    *text = grown; // wipes the one it was
}
