//! A session is not read from anywhere, nor written.

use serde::{Serialize, de::DeserializeOwned};
use strict_jose::profile::session::Session;

fn read<T: DeserializeOwned>() {}
fn write<T: Serialize>() {}

fn main() {
    read::<Session>();
    write::<Session>();
}
