//! Valgrind's client requests for x86-64: a sequence of instructions that does nothing outside it.

use core::arch::asm;

/// `VG_USERREQ__RUNNING_ON_VALGRIND`.
const RUNNING: u64 = 0x1001;
/// `VG_USERREQ__CHANGE_ERR_DISABLEMENT`.
const CHANGE_ERROR_DISABLEMENT: u64 = 0x1801;
/// Memcheck: `MAKE_MEM_UNDEFINED`, `MAKE_MEM_DEFINED`, `GET_VBITS`.
const UNDEFINED: u64 = tool(b'M', b'C') + 1;
const DEFINED: u64 = tool(b'M', b'C') + 2;
const GET_VBITS: u64 = tool(b'M', b'C') + 8;
/// Callgrind: `ZERO_STATS`, `DUMP_STATS_AT`.
const ZERO_STATS: u64 = tool(b'C', b'T') + 1;
const DUMP_STATS_AT: u64 = tool(b'C', b'T') + 3;

const fn tool(first: u8, second: u8) -> u64 {
    (first as u64) << 24 | (second as u64) << 16
}

#[inline(never)]
fn request(arguments: &[u64; 6]) -> u64 {
    let mut answer = 0;
    // SAFETY: outside valgrind four rotations by 128 bits in all and an exchange of a register with
    // itself; inside, valgrind reads the six arguments and changes only what a request names.
    unsafe {
        asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}

/// Whether valgrind runs the program.
pub fn running() -> bool {
    request(&[RUNNING, 0, 0, 0, 0, 0]) != 0
}

/// From here on a branch or an address that depends on these octets is reported.
pub fn secret(bytes: &[u8]) {
    request(&[UNDEFINED, bytes.as_ptr() as u64, bytes.len() as u64, 0, 0, 0]);
}

/// The octets, or what became of them, are public from here on.
pub fn public(bytes: &[u8]) {
    request(&[DEFINED, bytes.as_ptr() as u64, bytes.len() as u64, 0, 0, 0]);
}

/// How many of the octets depend on a secret; 0 outside valgrind.
pub fn tainted(bytes: &[u8]) -> usize {
    let mut bits = vec![0_u8; bytes.len()];
    let (from, to) = (bytes.as_ptr() as u64, bits.as_mut_ptr() as u64);
    request(&[GET_VBITS, from, to, bytes.len() as u64, 0, 0]);
    core::hint::black_box(&bits).iter().filter(|bits| **bits != 0).count()
}

/// Whether memcheck's reports count.
pub fn report(on: bool) {
    let change = if on { u64::MAX } else { 1 }; // -1 takes one disablement away
    request(&[CHANGE_ERROR_DISABLEMENT, change, 0, 0, 0, 0]);
}

/// Callgrind counts from zero.
pub fn zero_counts() {
    request(&[ZERO_STATS, 0, 0, 0, 0, 0]);
}

/// Callgrind writes what it counted, under this name, which ends in a zero octet.
pub fn dump_counts(name: &core::ffi::CStr) {
    request(&[DUMP_STATS_AT, name.as_ptr() as u64, 0, 0, 0, 0]);
}
