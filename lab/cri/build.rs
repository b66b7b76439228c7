//! Rust from the interface's protocol definition, without `protoc`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto/runtime_v1.proto");
    let files = protox::compile(["proto/runtime_v1.proto"], ["proto"])?;
    tonic_prost_build::configure().build_transport(false).btree_map(".").compile_fds(files)?;
    Ok(())
}
