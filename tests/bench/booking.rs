//! Booking a room through the use case against the bare SQL that such a booking cannot do without.

use crate::{measure, plain};
use coterie_app::{App, Caller, booking};
use coterie_domain::{MemberId, ResourceId};
use coterie_tests::chain::{self, Chain};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};
use sqlx::PgPool;
use uuid::Uuid;

/// Whole hours in which the sample location is open, from 7:00 on.
const HOURS: usize = 15;
/// The day after the one on which the sample chain's clock stands. Bookings open 400 days ahead, so the bench may go on
/// for some 6000 hours per room.
const FIRST_DAY: Date = jiff::civil::date(2026, 1, 21);

/// Each client books the rooms of a chain of its own.
pub async fn run(pool: &PgPool, operations: usize) {
    let app = chain::app(pool.clone());
    let mut chains = Vec::new();
    for client in 0..measure::CLIENTS {
        let chain = chain::open_chain(&app, &format!("bench{client}")).await;
        chain::subscribe(&app, &chain).await;
        chains.push(chain);
    }
    let ours = {
        let chains = chains.clone();
        move |client: usize, number| book(app.clone(), chains[client].as_ada(), wish(&chains[client], number))
    };
    let pool = pool.clone();
    let bare = move |client: usize, number| write(pool.clone(), chains[client].clone(), number);
    let name = format!(
        "Booking an hour, {} clients, each in a chain of its own",
        measure::CLIENTS
    );
    measure::compare(
        &name,
        ("booking::book", ours),
        ("its bare SQL", bare),
        measure::Load::operations(operations),
    )
    .await;
}

pub fn hour(number: usize) -> DateTime {
    let day = i64::try_from(number / HOURS).expect("few");
    let hour = i8::try_from(7 + number % HOURS).expect("a day has 24");
    (FIRST_DAY + day.days()).at(hour, 0, 0, 0)
}

fn wish(chain: &Chain, number: usize) -> (MemberId, ResourceId, DateTime) {
    (chain.ada, chain.elbe, hour(number))
}

async fn book(app: App, caller: Caller, (member_id, resource_id, start): (MemberId, ResourceId, DateTime)) {
    let command = booking::Book {
        member_id,
        resource_id,
        start,
        end: start + 1.hour(),
        people: None,
    };
    booking::book(&app, &caller, command).await.expect("the hour is free");
}

/// Lock the room, keep the hour, leave a charge and the two events, commit: no prices, allowances, opening hours or
/// rights are looked at, and the events are not chained.
pub async fn write(pool: PgPool, chain: Chain, number: usize) {
    let mut tx = pool.begin().await.expect("a connection");
    coterie_eventlog::set_tenant_in_op(&mut tx, chain.tenant)
        .await
        .expect("the tenant can be set");
    sqlx::query("select resource_id from resource_lock where tenant_id = $1 and resource_id = $2 for update")
        .bind(chain.tenant)
        .bind(chain.spree.0)
        .fetch_one(&mut *tx)
        .await
        .expect("the room can be locked");
    let start = hour(number);
    sqlx::query(
        "insert into reservation (tenant_id, booking_id, resource_id, blocked)
         values ($1, $2, $3, tstzrange($4::timestamp at time zone 'UTC', $5::timestamp at time zone 'UTC'))",
    )
    .bind(chain.tenant)
    .bind(Uuid::now_v7())
    .bind(chain.spree.0)
    .bind(jiff_sqlx::ToSqlx::to_sqlx(start))
    .bind(jiff_sqlx::ToSqlx::to_sqlx(start + 1.hour()))
    .execute(&mut *tx)
    .await
    .expect("the hour is free");
    sqlx::query(
        "insert into charge_guard (tenant_id, charge_id, kind, payer_kind, payer_id, legal_entity_id, service_from, billable_on)
         values ($1, $2, 'usage', 'member', $3, $4, $5, $5)",
    )
    .bind(chain.tenant)
    .bind(Uuid::now_v7())
    .bind(chain.ada.0)
    .bind(chain.legal_entity.0)
    .bind(jiff_sqlx::ToSqlx::to_sqlx(start.date()))
    .execute(&mut *tx)
    .await
    .expect("the charge goes in");
    plain::insert_on(&mut *tx, Uuid::now_v7(), 0, 2).await;
    tx.commit().await.expect("it commits");
}
