//! JSON of what may be secret, written into a buffer that leaves nothing behind when it grows.

use serde::Serialize;
use std::io;
use zeroize::Zeroizing;

/// The value as JSON.
pub(crate) fn to_wiped_vec(value: &impl Serialize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut text = Wiping(Zeroizing::new(Vec::with_capacity(256)));
    serde_json::to_writer(&mut text, value)?;
    Ok(text.0)
}

struct Wiping(Zeroizing<Vec<u8>>);

impl io::Write for Wiping {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let length = self.0.len() + octets.len();
        if length > self.0.capacity() {
            let room = length.max(self.0.capacity() * 2);
            let mut grown = Zeroizing::new(Vec::with_capacity(room));
            grown.extend_from_slice(&self.0);
            self.0 = grown; // wipes the one it was
        }
        self.0.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
