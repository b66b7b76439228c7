//! Control planes of real programs. The programs are those that `cargo xtask peers` makes; where they are not there,
//! every test is skipped and prints why. With `binaries` among the words of `WINLAB_REQUIRE` it fails with it instead.

mod differential;
mod life;
mod mixed;
mod programs;
mod scenario;
