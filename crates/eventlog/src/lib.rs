//! The log: an append-only, per-organization, gapless and hash-chained list of events in `PostgreSQL`.
//!
//! It knows `PostgreSQL` and nothing of the business: categories, event types and payloads are opaque to it.
//! One call to [`append_in_op`] is one round trip and belongs last before the commit, because it locks the
//! organization's head row until then. With the head at position p, events 1..p are all visible, so whoever reads
//! from a checkpoint ([`follow_once`]) can never skip an event that committed late.
//!
//! Every function here takes the tenant, and row-level security asks for it a second time: a transaction must call
//! [`set_tenant_in_op`] before it appends or reads as the application role.

mod anchor;
mod anchored;
mod append;
mod as_of;
mod batch;
mod checkpoint;
mod command;
mod compare;
mod copied;
mod course;
mod event;
mod export;
mod follow;
mod hash;
mod head;
mod lag;
mod lease;
mod offline;
mod paging;
mod read;
mod rebuild;
mod rebuild_state;
mod register;
pub mod seal;
mod seen;
mod shadow;
mod tenant;
mod verify;

pub use anchor::{Anchor, AnchorError, AnchorKey, AnchorPublicKey};
pub use anchored::{Agreement, compare_anchors};
pub use append::{Append, AppendError, Appended, NewEvent, StreamWrite, append, append_in_op};
pub use as_of::{Found, Search, command_range, position_at, read_effects, read_streams, search};
pub use checkpoint::{Checkpoint, checkpoint, resume, wait_for};
pub use command::{CommandKey, RememberedCommand, find_command};
pub use compare::{Comparison, compare};
pub use copied::read_many;
pub use event::RecordedEvent;
pub use export::{ExportError, Exported, export, write_event};
pub use follow::{BoxFuture, FollowError, Follower, Progress, StartAt, follow_once, follow_shards};
pub use hash::{FIRST_PREVIOUS_HASH, chain_hash};
pub use head::{Head, head};
pub use lag::{Lag, ParkedAt, Reported, lag, parked, report, reported};
pub use lease::{LEASE, Leases, RENEW_EVERY, SHARDS, Shards};
pub use offline::{Fault, FaultKind, FileVerdict, Proof, verify_file};
pub use read::{MAX_PAGE, read_categories, read_correlation, read_each_stream, read_stream, read_tenant};
pub use rebuild::{Ended, Filled, RebuildError, cancel, rebuild};
pub use rebuild_state::{RebuildRow, RebuildState, rebuilds, request_cancel};
pub use register::register;
pub use seen::{Seen, wait_until_seen};
pub use shadow::{Difference, Shadow};
pub use tenant::{begin, begin_if_free, set_tenant_in_op};
pub use verify::{Verdict, verify};
