//! The gateway against the simulator, over HTTP. No database.

mod charge;
mod conformance;
mod fault;
mod hosted_page;
mod refund;
mod strict;
mod sweep;
mod webhook;
