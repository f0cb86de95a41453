//! Desks and offices that are one member's. An assignment holds its time as a booking does, so that neither gets in the
//! other's way.

mod end;
mod in_the_way;

pub use end::end;
pub(crate) use end::end_with_membership_in_op;

use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, booking::guard, catalogue, membership, read,
    read::Columns, trouble,
};
use coterie_domain::{
    AssignmentId, LocationId, MemberId, MembershipId, Refusal, ResourceId,
    assignment::{self, AssignmentEvent},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

/// The most that are listed.
const MOST: i64 = 1_000;

/// A resource for a membership, for whole days of its house.
#[derive(Debug, Clone, Copy)]
pub struct NewAssignment {
    pub resource_id: ResourceId,
    pub membership_id: MembershipId,
    pub first_day: Date,
    /// Without one it lasts as long as the membership.
    pub last_day: Option<Date>,
}

/// An assignment that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentRow {
    pub assignment_id: AssignmentId,
    pub resource_id: ResourceId,
    pub resource_name: String,
    pub location_id: LocationId,
    pub location_name: String,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub member_name: String,
    pub first_day: Date,
    pub last_day: Option<Date>,
}

/// Assigns a resource to a membership. A combined room takes its parts with it.
///
/// # Errors
/// An unknown resource, `NotFound` for an unknown membership, faulty days; what is in the way, by name; operators only.
pub async fn make(app: &App, caller: &Caller, new: NewAssignment) -> Outcome<AssignmentId> {
    trouble::carry_out(app, caller, || make_once(app, caller, new)).await
}

async fn make_once(app: &App, caller: &Caller, new: NewAssignment) -> Outcome<AssignmentId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    catalogue.resource(new.resource_id)?;
    let occupied = catalogue.occupied_by(new.resource_id);
    guard::lock_resources(&mut op, &occupied, &catalogue).await?;
    lock_membership(&mut op, new.membership_id).await?;
    let (membership, _) = membership::load(&mut op, new.membership_id)
        .await
        .map_err(unknown_membership)?;
    let id = AssignmentId(op.new_id());
    let days = (new.first_day, new.last_day);
    let made = assignment::make(id, new.resource_id, &membership, days, op.now, &catalogue)?;
    let held = made
        .held()
        .ok_or_else(|| UseCaseError::Broken(format!("assignment {id} holds no time")))?;
    in_the_way::check(&mut op, &occupied, held, &catalogue).await?;
    guard::hold(&mut op, id.0, &occupied, held)
        .await
        .map_err(guard::at_the_same_moment)?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into assignment (tenant_id, assignment_id, resource_id, location_id, membership_id, member_id, first_day, last_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(made.resource_id.0)
    .bind(made.location_id.0)
    .bind(made.membership_id.0)
    .bind(made.member_id.0)
    .bind(made.first_day.to_sqlx())
    .bind(made.last_day.map(ToSqlx::to_sqlx))
    .execute(op.conn())
    .await?;
    op.write(id.0, 0, [AssignmentEvent::from(made)])?;
    op.commit(id).await
}

fn unknown_membership(error: UseCaseError) -> UseCaseError {
    match error {
        UseCaseError::NotFound => Refusal::not_found("unknown_membership", "There is no such membership.")
            .on("membership_id", "There is no such membership.")
            .into(),
        error => error,
    }
}

/// Whoever ends the membership waits, and then ends what was assigned to it meanwhile too.
async fn lock_membership(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("select from membership_guard where tenant_id = $1 and membership_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    Ok(())
}

/// Assignments that are not over, by first day; of one resource or member where it is named.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    resource: Option<ResourceId>,
    member: Option<MemberId>,
) -> Result<Vec<AssignmentRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let now = read::now(&mut tx, tenant).await?;
    // What is over is told by the reservation, which ends by the clock of the house.
    let rows = sqlx::query(
        "select a.assignment_id, a.resource_id, a.location_id, a.membership_id, a.member_id, a.first_day, a.last_day,
                coalesce(m.name, '') as member_name
         from assignment a
         join reservation r on r.tenant_id = a.tenant_id and r.booking_id = a.assignment_id and r.resource_id = a.resource_id
         left join member_view m on m.tenant_id = a.tenant_id and m.member_id = a.member_id
         where a.tenant_id = $1 and ($2::uuid is null or a.resource_id = $2) and ($3::uuid is null or a.member_id = $3)
           and r.blocked_until > $4
         order by a.first_day, a.assignment_id limit $5",
    )
    .bind(tenant)
    .bind(resource.map(|id| id.0))
    .bind(member.map(|id| id.0))
    .bind(now.to_sqlx())
    .bind(MOST)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            let resource_id = row.id("resource_id")?;
            let location_id = row.id("location_id")?;
            Ok(AssignmentRow {
                assignment_id: row.id("assignment_id")?,
                resource_id,
                resource_name: catalogue.resource(resource_id)?.name.clone(),
                location_id,
                location_name: catalogue.location(location_id)?.name.clone(),
                membership_id: row.id("membership_id")?,
                member_id: row.id("member_id")?,
                member_name: row.try_get("member_name")?,
                first_day: row.date("first_day")?,
                last_day: row.maybe_date("last_day")?,
            })
        })
        .collect()
}
