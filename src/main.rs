//! Parse, run, exit code.

use std::process::ExitCode;

/// An audit makes a few million short texts on all cores, and the C library that is linked statically (musl) has one
/// lock around all memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    seaworthy::cli::run()
}
