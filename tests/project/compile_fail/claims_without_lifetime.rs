//! Claims are not begun without saying how long they live.

use strict_jose::Claims;

fn main() {
    let _ = Claims::new();
    let _: Claims = Default::default();
}
