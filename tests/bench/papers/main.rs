//! PDFs alone, built with the documents' crate and without the house: `cargo bench -p coterie-documents --bench papers`.

#[path = "../memory.rs"]
#[allow(dead_code, reason = "the bench needs some of what others share")]
mod memory;
#[path = "../papers.rs"]
mod papers;

fn main() {
    papers::run();
}
