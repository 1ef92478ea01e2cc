//! Counts the instructions of whole decryptions under callgrind: every class of block has to take
//! exactly as many as every other. Started by `instructions.sh`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use strict_jose_constant_time::classes::Algorithm;
use strict_jose_constant_time::keys::{self, Key};
use strict_jose_constant_time::{random, valgrind};

const AWS_LC: bool = cfg!(feature = "aws-lc-rs");
const FAST_RSA1_5: bool = cfg!(feature = "fast-rsa1_5");
const BITS: &[usize] = if AWS_LC && !FAST_RSA1_5 { &[2048] } else { &[2048, 3072, 4096] };
/// What the feature changes: the other algorithm is the same code as without it.
const COUNTED: &[Algorithm] = match (AWS_LC, FAST_RSA1_5) {
    (_, true) => &[Algorithm::Rsa1_5],
    (true, false) => &[Algorithm::RsaOaep],
    (false, false) => &Algorithm::ALL,
};
const CONTROL: &str = "unpadding device";

/// Calls before the first that counts. It looks for the processor's features and keeps what it finds;
/// aws-lc keeps its last 16 errors, too, and goes another way when it has to let go of one.
const WARM_UP: usize = if AWS_LC { 20 } else { 1 };

/// Hands memory out from one end and takes none back, so that what an allocation costs and where it
/// lies follow from those since [`Arena::rewind`] alone.
struct Arena(AtomicUsize, AtomicUsize);

const ROOM: usize = 1 << 30;
const ALIGN: usize = 64;

#[global_allocator]
static ARENA: Arena = Arena(AtomicUsize::new(0), AtomicUsize::new(0));

// SAFETY: every allocation is a part of the one block that belongs to no other until `rewind`, whose
// caller vouches that nothing allocated since is alive.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut base = self.0.load(Ordering::Relaxed);
        if base == 0 {
            // SAFETY: the size is not zero. The system backs only the pages that are touched.
            base = unsafe { System.alloc(Layout::from_size_align_unchecked(ROOM, ALIGN)) } as usize;
            self.0.store(base, Ordering::Relaxed);
        }
        let bytes = layout.size().next_multiple_of(ALIGN);
        let offset = self.1.fetch_add(bytes, Ordering::Relaxed);
        if base == 0 || layout.align() > ALIGN || offset + bytes > ROOM {
            return core::ptr::null_mut();
        }
        (base + offset) as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

impl Arena {
    fn mark(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }

    fn rewind(&self, mark: usize) {
        self.1.store(mark, Ordering::Relaxed);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [way, key, number] if valgrind::running() => {
            run(way, key, number.parse().expect("a number"));
            ExitCode::SUCCESS
        }
        [number] => judge(number),
        _ => judge("4"),
    }
}

/// Inside valgrind: `number` ciphertexts of each class, decrypted between two requests.
fn run(way: &str, key: &str, number: usize) {
    let key = Key::new(&std::fs::read(key).expect("written by the judge"));
    let algorithm = Algorithm::from_name(way).unwrap_or(Algorithm::Rsa1_5);
    let decrypt = |token: &str| match way {
        CONTROL => key.decrypt_by_unpadding_device(token),
        _ => key.decrypt(algorithm, token),
    };
    random::seed(1);
    let mut tokens = Vec::new();
    for (class, name) in algorithm.classes().iter().enumerate() {
        for _ in 0..number {
            let ciphertext = key.encrypt_block(&algorithm.block(class, key.bytes()));
            let header = if way == CONTROL { Algorithm::RsaOaep } else { algorithm };
            tokens.push((CString::new(*name).expect("no zero"), keys::token(header, &ciphertext)));
        }
    }
    for (_, token) in tokens.iter().rev().take(1).cycle().take(WARM_UP) {
        assert!(decrypt(token).is_err(), "no block holds the content's CEK");
    }
    let mark = ARENA.mark();
    for (name, token) in &tokens {
        random::seed(2);
        valgrind::zero_counts();
        let failed = decrypt(core::hint::black_box(token)).is_err();
        valgrind::dump_counts(name);
        assert!(failed);
        ARENA.rewind(mark);
    }
}

fn judge(number: &str) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("instructions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let key = folder.join("key.der");
    let mut faults = 0;
    for &bits in BITS {
        std::fs::write(&key, keys::generate(bits)).expect("a temporary file");
        for algorithm in COUNTED {
            let counts = count(algorithm.name(), &key, number, &folder);
            let spread = table(algorithm.name(), bits, &counts);
            let told = match (AWS_LC, algorithm) {
                (false, _) => spread,
                (true, Algorithm::Rsa1_5) => spread_of_middle(&counts),
                (true, Algorithm::RsaOaep) => broken_spread(&counts),
            };
            faults += usize::from(told != 0);
        }
        if bits == BITS[0] {
            let counts = count(CONTROL, &key, number, &folder);
            faults += usize::from(table(CONTROL, bits, &counts) == 0);
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder made above");
    println!("{}", if faults == 0 { "OK" } else { "UNEXPECTED" });
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Instructions of every decryption, by class.
type Counts = BTreeMap<String, Vec<u64>>;

fn count(way: &str, key: &Path, number: &str, folder: &Path) -> Counts {
    let counts = folder.join("counts");
    std::fs::create_dir_all(&counts).expect("a folder for temporary files");
    let mut valgrind = Command::new("valgrind");
    if FAST_RSA1_5 {
        // aws-lc has its memory from C, out of the arena's reach: with these every operation finds it in
        // the same state. Its assembly takes some instructions more or less by where a number lies.
        valgrind.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0");
    }
    let status = valgrind
        .args(["-q", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", counts.join("out").display()))
        .arg(std::env::current_exe().expect("the program itself"))
        .args([way.as_ref(), key.as_os_str(), number.as_ref()])
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "{way}");
    let mut found = Counts::new();
    for file in std::fs::read_dir(&counts).expect("the folder made above") {
        let text = std::fs::read(file.expect("an entry").path()).expect("callgrind's counts");
        let text = String::from_utf8_lossy(&text);
        let line = |start| text.lines().find_map(|line: &str| line.strip_prefix(start));
        let class = line("desc: Trigger: Client Request: ");
        let total = line("totals: ").or_else(|| line("summary: "));
        if let (Some(class), Some(total)) = (class, total) {
            let total = total.trim().parse().expect("a number");
            found.entry(class.to_owned()).or_default().push(total);
        }
    }
    std::fs::remove_dir_all(&counts).expect("the folder made above");
    found
}

/// Prints the counts and returns how far apart the least and the most are.
fn table(way: &str, bits: usize, counts: &Counts) -> u64 {
    let all = || counts.values().flatten().copied();
    assert!(counts.len() == 8, "callgrind's counts were not found: {counts:?}");
    let (least, most) = (all().min().unwrap_or(0), all().max().unwrap_or(u64::MAX));
    println!("{way}, RSA-{bits}: {} decryptions, spread {}", all().count(), most - least);
    for (class, counts) in counts {
        let (from, to) = (counts.iter().min(), counts.iter().max());
        let (from, to) = (from.copied().unwrap_or(0), to.copied().unwrap_or(0));
        println!("  {class:<22} {from:>12} to {to:>12}  +{}", to - least);
    }
    most - least
}

/// Nothing is told about PKCS #1 v1.5.
///
/// The middle of each class counts: aws-lc makes its blinding anew after 32 operations, and the one after
/// that finds its memory in another state.
fn spread_of_middle(counts: &Counts) -> u64 {
    let middle = |counts: &Vec<u64>| {
        let mut counts = counts.clone();
        counts.sort_unstable();
        counts.get(counts.len().saturating_sub(1) / 2).copied()
    };
    let middles = || counts.values().filter_map(middle);
    let (from, to) = (middles().min().unwrap_or(0), middles().max().unwrap_or(u64::MAX));
    println!("  the middle of each class: {from} to {to}, spread {}", to - from);
    to - from
}

/// What aws-lc tells is whether OAEP held; why it did not may make no difference.
///
/// The least of each class counts: aws-lc makes its blinding anew after 32 operations, and has its own
/// generator, whose cost depends on the draws before.
fn broken_spread(counts: &Counts) -> u64 {
    let least = |holds| {
        let classes = counts.iter().filter(move |(name, _)| Algorithm::oaep_holds(name) == holds);
        classes.filter_map(|(_, counts)| counts.iter().min().copied())
    };
    let range = |holds| (least(holds).min().unwrap_or(0), least(holds).max().unwrap_or(u64::MAX));
    let (broken, whole) = (range(false), range(true));
    println!("  broken: {} to {}, spread {}", broken.0, broken.1, broken.1 - broken.0);
    println!("  where OAEP holds: {} to {}, the verdict that is public", whole.0, whole.1);
    broken.1 - broken.0
}
