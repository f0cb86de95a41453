//! The migrations are built in; a new one has to build the binary anew.
fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
