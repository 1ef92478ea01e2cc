//! Which ids of a shard expire next: for each second the first of a list, the seconds in pages.
//!
//! A map by the second would be searched at every insertion, in memory that no cache holds. A map by
//! the page is small enough for one, and a page is touched in one place.

use super::{NONE, usize_of};
use std::collections::BTreeMap;

/// A page has so many bits of a second's number: 32 seconds.
const BITS: u32 = 5;

/// The first slots of the lists; `NONE` for a second in which nothing expires.
type Page = [u32; 1 << BITS];

#[derive(Default)]
pub(super) struct Expiry {
    /// By the number of the page. No page is empty.
    pages: BTreeMap<u32, Box<Page>>,
    /// The first second that has a list.
    first: Option<u32>,
}

impl Expiry {
    /// Puts the slot before the list of its second, and says what now hangs behind it.
    pub(super) fn put(&mut self, second: u32, slot: u32) -> u32 {
        self.first = Some(self.first.map_or(second, |first| first.min(second)));
        let page = self.pages.entry(second >> BITS).or_insert_with(|| Box::new([NONE; _]));
        core::mem::replace(&mut page[place(second)], slot)
    }

    /// Takes the first slot whose second has come; `behind` says what hangs behind it.
    pub(super) fn take(&mut self, now: u32, behind: impl FnOnce(u32) -> u32) -> Option<u32> {
        let second = self.first.filter(|second| *second <= now)?; // nothing is due: the usual answer
        let mut page = self.pages.first_entry()?; // of the first second, as no page is empty
        let head = &mut page.get_mut()[place(second)];
        let slot = *head;
        *head = behind(slot);
        // The second's list is at its end: the next second that has one is in this page or in a later one.
        if *head == NONE {
            if page.get().iter().all(|head| *head == NONE) {
                page.remove();
            }
            self.first = self.pages.first_key_value().and_then(|(number, page)| {
                let place = (0_u32..).zip(&**page).find(|(_, head)| **head != NONE)?.0;
                Some((number << BITS) | place)
            });
        }
        Some(slot)
    }

    /// The first second that has a list.
    pub(super) fn first(&self) -> Option<u32> {
        self.first
    }
}

/// Where the second is in its page.
fn place(second: u32) -> usize {
    usize_of(second & ((1 << BITS) - 1))
}
