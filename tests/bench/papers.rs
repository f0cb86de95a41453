//! Invoices as PDF: how many a second, on one core and on all of them.

use crate::memory;
use coterie_documents::paper::{self, Paper};
use coterie_domain::{
    DomainEvent as _,
    invoice::{InvoiceEvent, InvoiceIssued},
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

const FOR: Duration = Duration::from_secs(5);

/// The invoice of the domain's corpus, without its logo, over so many lines.
fn invoice(lines: usize) -> InvoiceIssued {
    const PAYLOAD: &str = include_str!("../../crates/domain/golden/invoice.InvoiceIssued.v4.json");
    let InvoiceEvent::InvoiceIssued(mut issued) =
        InvoiceEvent::decode("InvoiceIssued", 4, PAYLOAD).expect("an invoice");
    issued.letterhead.logo = None;
    issued.lines = vec![issued.lines[0].clone(); lines];
    issued
}

/// Each invoice has a number of its own, so that nothing of the one before is of use but the template and the fonts.
fn work(threads: usize, lines: usize) -> f64 {
    let (made, began) = (AtomicUsize::new(0), Instant::now());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut issued = invoice(lines);
                while began.elapsed() < FOR {
                    let number = made.fetch_add(1, Ordering::Relaxed);
                    issued.number = format!("BER-{number:06}");
                    paper::pdf(Paper::Invoice(&issued), None).expect("it is set");
                }
            });
        }
    });
    let made = u32::try_from(made.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
    f64::from(made) / began.elapsed().as_secs_f64()
}

pub fn run() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // The first one reads the fonts.
    paper::pdf(Paper::Invoice(&invoice(1)), None).expect("it is set");
    for lines in [3, 11, 100] {
        let (one, all) = (work(1, lines), work(cores, lines));
        println!(
            "Invoices of {lines} lines as PDF: {one:.0} a second on one core, {all:.0} on {cores}; load {}",
            memory::load()
        );
    }
    println!("{} MiB resident\n", memory::resident_mib());
}
