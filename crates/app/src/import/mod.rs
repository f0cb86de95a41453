//! Bringing a chain in from files: its catalogue, companies and members. Every file is read and judged in full first, by
//! the same decisions as the use cases, and everything wrong is told at once by row and column. Only a list without
//! faults is carried out, by the use cases themselves, many rows to an append. What is there already stays as it is, so that
//! importing again changes nothing.
//!
//! - `batch`: rows carried out together; `table`: text to rows; `cells`: what a row's cells say.
//! - `catalogue`: the offer, looked up by natural names; one file per noun beside it.
//! - `people`: companies and members, by their ids in the list.

mod batch;
mod catalogue;
mod cells;
mod command;
mod company;
mod legal_entity;
mod location;
mod member;
mod people;
mod plan;
mod price_rule;
mod report;
mod resource;
mod scope;
mod table;
mod tax_rate;

/// Rows of named cells, for files of other nouns.
pub(crate) mod rows {
    pub(crate) use super::{
        cells::Cells,
        table::{Layout, Row, read},
    };
}

pub use catalogue::{CATALOGUE_FILES, catalogue};
pub use people::{COMPANIES_FILE, MEMBERS_FILE, People, people};
pub use report::{Imported, Mode, Report, RowError};
pub use table::{MAX_BYTES, MAX_ROWS};
