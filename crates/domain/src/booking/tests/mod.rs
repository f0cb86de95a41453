mod cancelling;
mod confirming;
mod freeing;
mod pricing;
mod slots;
