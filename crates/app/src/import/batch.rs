//! Rows carried out many at a time: one transaction and one append for a batch. One that is refused is carried out again
//! row by row, so that the row which is at fault is told and keeps none of the others.

use super::report::{Report, RowError};
use crate::{App, Caller, Operation, UseCaseError, trouble};
use coterie_domain::Refusal;

/// The most rows of one transaction.
const TOGETHER: usize = 500;

/// What became of a row.
pub(super) enum Became {
    Created,
    Unchanged,
    /// Nothing, and why.
    Nothing(Vec<RowError>),
}

/// The rows of one file.
pub(super) trait List: Sync {
    type Row: Sync;

    fn file(&self) -> &'static str;

    /// Decides rows, one after the other, in one transaction.
    fn carry_out_in_op(
        &self,
        op: &mut Operation,
        rows: &[Self::Row],
    ) -> impl Future<Output = Result<Vec<Became>, UseCaseError>> + Send;

    /// A refusal, told by the row's columns.
    fn refused(&self, row: &Self::Row, refusal: &Refusal) -> Vec<RowError>;
}

/// Carries out every row and counts what became of it.
///
/// # Errors
/// Whatever the database says; batches before that stay.
pub(super) async fn carry_out<L: List>(
    app: &App,
    caller: &Caller,
    list: &L,
    rows: &[L::Row],
    report: &mut Report,
) -> Result<(), UseCaseError> {
    for batch in rows.chunks(TOGETHER) {
        match together(app, caller, list, batch).await {
            Ok(became) => count(list, became, report),
            Err(UseCaseError::Refused(_) | UseCaseError::Contended(_)) => {
                for row in batch {
                    let became = match together(app, caller, list, std::slice::from_ref(row)).await {
                        Err(UseCaseError::Refused(refusal)) => vec![Became::Nothing(list.refused(row, &refusal))],
                        became => became?,
                    };
                    count(list, became, report);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn together<L: List>(app: &App, caller: &Caller, list: &L, rows: &[L::Row]) -> Result<Vec<Became>, UseCaseError> {
    let once = || async {
        let mut op = Operation::open(app, caller).await?;
        let became = list.carry_out_in_op(&mut op, rows).await?;
        op.commit(()).await?;
        Ok(became)
    };
    trouble::again(once).await
}

fn count<L: List>(list: &L, became: Vec<Became>, report: &mut Report) {
    for became in became {
        match became {
            Became::Created => report.count(list.file(), true),
            Became::Unchanged => report.count(list.file(), false),
            Became::Nothing(mut errors) => report.errors.append(&mut errors),
        }
    }
}
