mod cancelling;
mod confirming;
mod freeing;
mod moving;
mod pricing;
mod searching;
mod slots;
