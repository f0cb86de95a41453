mod cancelling;
mod confirming;
mod pricing;
mod slots;
