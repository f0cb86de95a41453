//! Members and payers' accounts, projected.

use crate::projections::{fact, insert_rows};
use coterie_domain::{
    LocationId, MemberId,
    company::CompanyEvent,
    member::{CustomerRegistered, MemberEvent, PayerAccountEvent, PaymentMethodSaved},
    personal::FORGOTTEN,
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct MemberView {
    tenant_id: Uuid,
    member_id: MemberId,
    name: String,
    email: String,
    confirmed: bool,
    home_location_id: Option<LocationId>,
    company_id: Option<Uuid>,
    joined_at: Timestamp,
    visitor: bool,
    position: i64,
    changed_position: i64,
}

enum Change {
    Confirmed(MemberId),
    Joined(MemberId, Uuid, Option<Date>),
    Left(MemberId, Date),
    Manages(MemberId, bool),
    Forgotten(MemberId),
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch {
        let row = |member_id, name, email, confirmed, home_location_id| MemberView {
            tenant_id: tenant,
            member_id,
            name,
            email,
            confirmed,
            home_location_id,
            company_id: None,
            joined_at: event.occurred_at,
            visitor: false,
            position: event.position,
            changed_position: event.position,
        };
        match event.category.as_str() {
            "member" => match fact(event)? {
                MemberEvent::MemberSignedUp(fact) => {
                    rows.push(row(fact.member_id, fact.name, fact.email, false, fact.home_location_id));
                }
                MemberEvent::VisitorRegistered(fact) => rows.push(MemberView {
                    visitor: true,
                    ..row(fact.member_id, fact.name, fact.email, false, None)
                }),
                MemberEvent::MemberImported(fact) => {
                    rows.push(row(fact.member_id, fact.name, fact.email, true, fact.home_location_id));
                }
                MemberEvent::MemberForgotten(fact) => changes.push((event.position, Change::Forgotten(fact.member_id))),
                MemberEvent::EmailConfirmed(fact) => changes.push((event.position, Change::Confirmed(fact.member_id))),
            },
            "company" => {
                let change = match fact(event)? {
                    CompanyEvent::MemberJoinedCompany(fact) => {
                        Change::Joined(fact.member_id, fact.company_id.0, fact.from)
                    }
                    CompanyEvent::MemberLeftCompany(fact) => Change::Left(fact.member_id, fact.from),
                    CompanyEvent::CompanyManagerNamed(fact) => Change::Manages(fact.member_id, true),
                    CompanyEvent::CompanyManagerDismissed(fact) => Change::Manages(fact.member_id, false),
                    CompanyEvent::CompanyRegistered(_) | CompanyEvent::CompanyCorrected(_) => continue,
                };
                changes.push((event.position, change));
            }
            _ => {}
        }
    }
    insert_rows!(conn, "member_view", rows);
    for (position, change) in changes {
        let (member, confirmed, forgotten) = match change {
            Change::Confirmed(member) => (member, true, false),
            Change::Joined(member, company, from) => {
                joined(conn, (tenant, member, position), company, from).await?;
                continue;
            }
            Change::Left(member, from) => {
                left(conn, (tenant, member, position), from).await?;
                continue;
            }
            Change::Manages(member, manages) => {
                manages_company(conn, (tenant, member, position), manages).await?;
                continue;
            }
            Change::Forgotten(member) => (member, false, true),
        };
        sqlx::query(
            "update member_view
             set confirmed = confirmed or $4, changed_position = $3,
                 name = case when $5 then $6 else name end, email = case when $5 then $6 else email end
             where tenant_id = $1 and member_id = $2 and changed_position < $3",
        )
        .bind(tenant)
        .bind(member.0)
        .bind(position)
        .bind(confirmed)
        .bind(forgotten)
        .bind(FORGOTTEN)
        .execute(&mut *conn)
        .await?;
    }
    accounts(conn, tenant, batch).await
}

type Key = (Uuid, MemberId, i64);

async fn joined(conn: &mut PgConnection, key: Key, company: Uuid, from: Option<Date>) -> Result<(), FollowError> {
    sqlx::query(
        "update member_view
         set company_id = $4, company_from = $5, company_until = null, company_manager = false, changed_position = $3
         where tenant_id = $1 and member_id = $2 and changed_position < $3",
    )
    .bind(key.0)
    .bind(key.1.0)
    .bind(key.2)
    .bind(company)
    .bind(from.map(ToSqlx::to_sqlx))
    .execute(conn)
    .await?;
    Ok(())
}

async fn left(conn: &mut PgConnection, key: Key, from: Date) -> Result<(), FollowError> {
    sqlx::query(
        "update member_view set company_until = $4, changed_position = $3
         where tenant_id = $1 and member_id = $2 and changed_position < $3",
    )
    .bind(key.0)
    .bind(key.1.0)
    .bind(key.2)
    .bind(from.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

async fn manages_company(conn: &mut PgConnection, key: Key, manages: bool) -> Result<(), FollowError> {
    sqlx::query(
        "update member_view set company_manager = $4, changed_position = $3
         where tenant_id = $1 and member_id = $2 and changed_position < $3",
    )
    .bind(key.0)
    .bind(key.1.0)
    .bind(key.2)
    .bind(manages)
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of her card goes with her.
async fn forget_card(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    member: MemberId,
) -> Result<(), FollowError> {
    sqlx::query(
        "update payer_account_view
         set payment_method_id = null, brand = null, last4 = null, expires = null, card = null, card_version = null,
             changed_position = $3
         where tenant_id = $1 and payer_id = $2 and changed_position < $3",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(position)
    .execute(conn)
    .await?;
    Ok(())
}

/// Customer and card of a payer with a legal entity; either may come first.
async fn accounts(conn: &mut PgConnection, tenant: Uuid, batch: &[RecordedEvent]) -> Result<(), FollowError> {
    for event in batch {
        match event.category.as_str() {
            "payer_account" => match fact(event)? {
                PayerAccountEvent::CustomerRegistered(fact) => customer(conn, tenant, event.position, &fact).await?,
                PayerAccountEvent::PaymentMethodSaved(fact) => card(conn, tenant, event, &fact).await?,
            },
            "member" => {
                if let MemberEvent::MemberForgotten(fact) = fact(event)? {
                    forget_card(conn, tenant, event.position, fact.member_id).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn customer(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    fact: &CustomerRegistered,
) -> Result<(), FollowError> {
    sqlx::query(
        "insert into payer_account_view as known (tenant_id, payer_kind, payer_id, legal_entity_id, changed_position, customer_id)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, payer_id, legal_entity_id) do update
         set customer_id = excluded.customer_id, changed_position = excluded.changed_position
         where known.changed_position < excluded.changed_position",
    )
    .bind(tenant)
    .bind(fact.payer.kind())
    .bind(fact.payer.id())
    .bind(fact.legal_entity_id.0)
    .bind(position)
    .bind(&fact.customer_id)
    .execute(conn)
    .await?;
    Ok(())
}

async fn card(
    conn: &mut PgConnection,
    tenant: Uuid,
    event: &RecordedEvent,
    fact: &PaymentMethodSaved,
) -> Result<(), FollowError> {
    sqlx::query(
        "insert into payer_account_view as known (tenant_id, payer_kind, payer_id, legal_entity_id, changed_position,
                                                  payment_method_id, card, card_version)
         values ($1, $2, $3, $4, $5, $6, $7::json, $8)
         on conflict (tenant_id, payer_id, legal_entity_id) do update
         set payment_method_id = excluded.payment_method_id, card = excluded.card, card_version = excluded.card_version,
             brand = null, last4 = null, expires = null, changed_position = excluded.changed_position
         where known.changed_position < excluded.changed_position",
    )
    .bind(tenant)
    .bind(fact.payer.kind())
    .bind(fact.payer.id())
    .bind(fact.legal_entity_id.0)
    .bind(event.position)
    .bind(&fact.payment_method_id)
    .bind(&event.payload)
    .bind(event.event_version)
    .execute(conn)
    .await?;
    Ok(())
}
