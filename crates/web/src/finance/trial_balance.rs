//! Every account of a legal entity as of a day: debits equal credits, and what is owed equals the open invoices.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use coterie_app::{ledger::page::BalanceRow, projections};
use coterie_domain::{Currency, ledger::LedgerAccount, local_time};
use jiff::civil::Date;

use super::{
    books::{self, Balances},
    office::{Office, entities, entity_choices, zone},
    words,
};
use crate::{
    components::{Badge, Column, DefinitionList, EmptyState, Field, Select, Table, Tone},
    context::PageContext,
    failure::{Failure, FieldError},
    page::page,
};

#[derive(Template)]
#[template(path = "finance/trial_balance.html")]
struct TrialBalance {
    ctx: PageContext,
    name: String,
    entity: Select,
    as_of: Field,
    tables: Vec<(Table, Badge)>,
    empty: EmptyState,
    receivable: DefinitionList,
    deferred: DefinitionList,
    export_query: String,
}

#[derive(Template)]
#[template(path = "finance/no_entity.html")]
struct NoEntity {
    ctx: PageContext,
    empty: EmptyState,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::JOURNAL]).await?;
    let catalogue = office.catalogue().await?;
    let chosen = office
        .entity(&catalogue)?
        .or_else(|| entities(&catalogue).into_iter().next());
    let Some(chosen) = chosen else {
        let nothing = NoEntity {
            empty: EmptyState::new(
                "No legal entity yet",
                "Books belong to a legal entity. An operator sets one up first.",
            ),
            ctx: office.ctx,
        };
        return Ok(page(&nothing.ctx, &nothing));
    };
    let entity = &chosen.fact;
    let today = local_time::day_at(office.now().await?, &zone(&catalogue, entity.legal_entity_id));
    let as_of = office.choice("as_of", |text| text.parse::<Date>().ok());
    let wrong_day = |_| Failure::invalid(vec![FieldError::new("as_of", "Give a day such as 2026-01-31.")]);
    let as_of = as_of.map_err(wrong_day)?.unwrap_or(today);
    let balances = Balances::read(office.app(), office.tenant(), entity, as_of).await?;
    let receivable = receivable(
        &office,
        entity.legal_entity_id,
        &balances,
        entity.currency,
        as_of >= today,
    )
    .await?;
    let shown = TrialBalance {
        name: entity.name.clone(),
        entity: Select::new("legal_entity", "Legal entity", entity_choices(&catalogue))
            .value(entity.legal_entity_id.to_string()),
        as_of: Field::date("as_of", "As of the end of")
            .value(as_of.to_string())
            .hint(format!("A day in {}.", entity.time_zone)),
        tables: tables(balances.rows(), as_of),
        empty: EmptyState::new(
            "Nothing posted",
            "The books of this legal entity hold nothing up to this day.",
        ),
        receivable,
        deferred: deferred(&balances, entity.currency),
        export_query: format!("legal_entity={}&", entity.legal_entity_id),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn tables(rows: &[BalanceRow], as_of: Date) -> Vec<(Table, Badge)> {
    let currencies: BTreeSet<Currency> = rows.iter().map(|row| row.currency).collect();
    currencies
        .into_iter()
        .map(|currency| table(rows.iter().filter(|row| row.currency == currency), currency, as_of))
        .collect()
}

fn table<'a>(rows: impl Iterator<Item = &'a BalanceRow>, currency: Currency, as_of: Date) -> (Table, Badge) {
    let caption = format!("{currency}, up to {}", words::day(as_of));
    let mut table = Table::new(
        caption,
        [
            Column::text("Account"),
            Column::number("Debits posted"),
            Column::number("Credits posted"),
            Column::number("Debit balance"),
            Column::number("Credit balance"),
        ],
    );
    let money = |minor| words::money(minor, currency);
    let mut sums = [0; 4];
    for row in rows {
        let columns = [
            row.debit_minor,
            row.credit_minor,
            row.balance_minor.max(0),
            (-row.balance_minor).max(0),
        ];
        for (sum, minor) in sums.iter_mut().zip(columns) {
            *sum += minor;
        }
        let account = format!("{} {}", row.account.number(), row.account.title());
        let [debits, credits, debit, credit] =
            columns.map(|minor| if minor == 0 { "".into() } else { money(minor).into() });
        table.push([account.into(), debits, credits, debit, credit]);
    }
    let balanced = if sums[0] == sums[1] && sums[2] == sums[3] {
        Badge::new(Tone::Good, "Debits equal credits")
    } else {
        Badge::new(Tone::Bad, "Debits and credits differ")
    };
    let [debits, credits, debit, credit] = sums.map(|minor| money(minor).into());
    (table.footer(["Total".into(), debits, credits, debit, credit]), balanced)
}

/// What the books say is owed, beside what the invoices say.
async fn receivable(
    office: &Office,
    entity: coterie_domain::LegalEntityId,
    balances: &Balances,
    currency: Currency,
    now: bool,
) -> Result<DefinitionList, Failure> {
    let owed = balances.balance(LedgerAccount::AccountsReceivable);
    let facts = DefinitionList::new().item("Accounts receivable", words::money(owed, currency));
    if !now {
        return Ok(facts.item("Open invoices", "Known for today only: choose today to compare."));
    }
    let unpaid = books::unpaid(office.app(), office.tenant(), entity).await?;
    if !unpaid.complete {
        return Ok(facts.item("Open invoices", "More than this page reads; compare with the export."));
    }
    let open = unpaid.open_minor(currency);
    let verdict = if open == owed {
        Badge::new(Tone::Good, "They agree")
    } else {
        Badge::new(Tone::Bad, "They differ")
    };
    Ok(facts
        .item(
            format!("Open invoices ({})", unpaid.rows.len()),
            words::money(open, currency),
        )
        .item("Difference", words::money(owed - open, currency))
        .item("Verdict", verdict))
}

fn deferred(balances: &Balances, currency: Currency) -> DefinitionList {
    let owed = |account| words::money(-balances.balance(account), currency);
    DefinitionList::new()
        .item("Invoiced, not yet earned", owed(LedgerAccount::DeferredRevenue))
        .item(
            "Earned, not yet invoiced",
            words::money(balances.balance(LedgerAccount::UnbilledReceivable), currency),
        )
        .item("Earned in all", words::money(balances.revenue(), currency))
        .item("VAT to pay", owed(LedgerAccount::VatPayable))
        .item("Deposits held", owed(LedgerAccount::Deposits))
        .item("Prepaid credit", owed(LedgerAccount::PrepaidCredit))
}
