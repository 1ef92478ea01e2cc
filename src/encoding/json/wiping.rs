//! JSON of what may be secret, written into a buffer that leaves nothing behind when it grows.

use serde::Serialize;
use std::io;
use zeroize::Zeroize;

/// Writes the value as JSON after what the text holds already.
pub(crate) fn append_wiped(text: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(Wiping(text), value)
}

struct Wiping<'t>(&'t mut Vec<u8>);

impl io::Write for Wiping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline] // of an octet or a few, by the hundred
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > self.0.capacity() - self.0.len() {
            grow(self.0, bytes.len());
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cold]
fn grow(text: &mut Vec<u8>, bytes: usize) {
    // `Vec` would free the old octets unwiped. Doubling, as it does, keeps copying linear.
    let room = (text.len() + bytes).max(text.capacity() * 2);
    let mut grown = Vec::with_capacity(room);
    grown.extend_from_slice(text);
    core::mem::replace(text, grown).zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::io::Write as _;

    #[test]
    fn a_full_buffer_doubles_and_no_other_grows() {
        let mut text = Vec::with_capacity(256);
        let mut capacities = BTreeSet::new();
        for _ in 0..4096 {
            Wiping(&mut text).write_all(b"x").unwrap();
            capacities.insert(text.capacity());
        }
        assert_eq!(capacities, BTreeSet::from([256, 512, 1024, 2048, 4096]));
    }
}
