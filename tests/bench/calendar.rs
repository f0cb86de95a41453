//! Looking at the calendar: finding a free time, the day of a house, and the same house in a chain that has grown.

use crate::{
    booking::hour,
    house::{House, Program},
    steady,
};
use coterie_app::{App, booking, location, resource};
use coterie_domain::{ResourceId, resource::NewResource};
use coterie_tests::chain::{self, Chain};
use jiff::{ToSpan, civil::date};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

const ROOMS: usize = 200;
const LIVE_BOOKINGS: usize = 50_000;
const GRID_ROOMS: usize = 60;
const PLACES: usize = 1_000;
/// Bookings of a turn: enough that their p99 is not one of three.
const BOOKED: usize = 1_500;

async fn open(house: &House, slug: &str, rooms: usize) -> (Chain, Program, Vec<ResourceId>) {
    let app = house.stack.app();
    let chain = chain::open_chain(app, slug).await;
    chain::subscribe(app, &chain).await;
    let mut all = vec![chain.elbe, chain.spree];
    while all.len() < rooms {
        let new = NewResource {
            name: format!("Room {}", all.len()),
            capacity: 4,
            ..NewResource::default()
        };
        let added = resource::add(app, &chain.owner, chain.room_type, chain.location, new).await;
        all.push(added.expect("a room is added").outcome);
    }
    let program = house.program(&chain).await;
    (chain, program, all)
}

/// Free times of an hour in 200 rooms on 14 days among 50,000 bookings, beside reading those bookings alone.
pub async fn search(house: &House) {
    let (chain, program, rooms) = open(house, "search", ROOMS).await;
    // Half hours on the 14 days from 22 January on, 250 in each room: written as the guards have them.
    let each = LIVE_BOOKINGS / ROOMS;
    sqlx::query(
        "insert into reservation (tenant_id, booking_id, resource_id, blocked)
         select $1, gen_random_uuid(), room, tstzrange(start, start + interval '30 minutes')
         from unnest($2::uuid[]) room, generate_series(0, $3 - 1) n,
              lateral (select timestamptz '2026-01-22T06:00Z' + (n * 14 / $3) * interval '1 day'
                              + (n % ($3 / 14 + 1)) * interval '45 minutes' as start) at",
    )
    .bind(chain.tenant)
    .bind(rooms.iter().map(|room| room.0).collect::<Vec<_>>())
    .bind(i32::try_from(each).expect("few"))
    .execute(&house.stack.db.owner)
    .await
    .expect("bookings are there");
    sqlx::query("analyze reservation")
        .execute(&house.stack.db.owner)
        .await
        .expect("statistics");
    let live: i64 = sqlx::query_scalar("select count(*) from reservation where tenant_id = $1")
        .bind(chain.tenant)
        .fetch_one(&house.stack.db.owner)
        .await
        .expect("a count");
    let path = "/v1/free_slots?minutes=60&first_day=2026-01-22&last_day=2026-02-04";
    let found = program.get(path).await;
    let found = found["data"]
        .as_array()
        .or(found["items"].as_array())
        .map_or(0, Vec::len);
    println!("Free times of an hour: {ROOMS} rooms, 14 days, {live} live bookings ({found} windows answered)");
    house.run_in().await;
    let ours = steady::one_by_one(60, |_| async {
        program.look(path).await;
    })
    .await;
    let app = house.stack.app();
    let bare = steady::one_by_one(60, |_| async {
        let mut tx = app.pool.begin().await.expect("a connection");
        coterie_eventlog::set_tenant_in_op(&mut tx, chain.tenant)
            .await
            .expect("the tenant");
        let rows: Vec<(uuid::Uuid, jiff_sqlx::Timestamp, jiff_sqlx::Timestamp)> = sqlx::query_as(
            "select resource_id, blocked_from, blocked_until from reservation
             where tenant_id = $1 and blocked_from < '2026-02-06' and blocked_until > '2026-01-21'",
        )
        .bind(chain.tenant)
        .fetch_all(&mut *tx)
        .await
        .expect("rows");
        assert!(!rows.is_empty());
    })
    .await;
    steady::print("GET /v1/free_slots", ours);
    steady::print("reading the bookings alone", bare);
    println!();
}

/// The day of a house with 60 rooms, 200 times a second, while somebody books.
pub async fn day_grid(house: &House) {
    let (chain, program, rooms) = open(house, "grid", GRID_ROOMS).await;
    let app = house.stack.app();
    for (index, room) in rooms.iter().enumerate() {
        for number in 0..6 {
            let start = date(2026, 1, 22).at(8 + number * 2, 0, 0, 0);
            let wish = booking::Book {
                member_id: chain.ada,
                resource_id: *room,
                start,
                end: start + 1.hour(),
                people: None,
            };
            booking::book(app, &chain.as_ada(), wish)
                .await
                .unwrap_or_else(|error| panic!("room {index}: {error}"));
        }
    }
    house.stack.settle(chain.tenant).await;
    let path = format!("/v1/locations/{}/days/2026-01-22", chain.location);
    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicUsize::new(0));
    let writer = {
        let (app, chain, stop, written) = (app.clone(), chain.clone(), stop.clone(), written.clone());
        tokio::spawn(async move {
            let mut number = 30;
            while !stop.load(Ordering::Relaxed) && number < 5_000 {
                let start = hour(number);
                let wish = booking::Book {
                    member_id: chain.ada,
                    resource_id: chain.elbe,
                    start,
                    end: start + 1.hour(),
                    people: None,
                };
                booking::book(&app, &chain.as_ada(), wish)
                    .await
                    .expect("the hour is free");
                written.fetch_add(1, Ordering::Relaxed);
                number += 1;
            }
        })
    };
    house.run_in().await;
    let grid = steady::paced(200.0, Duration::from_secs(8), |_| {
        let (program, path) = (program.clone(), path.clone());
        async move {
            program.look(&path).await;
        }
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    writer.await.expect("the writer ends");
    println!(
        "The day of {GRID_ROOMS} rooms with {} bookings, 200 times a second, while {} bookings are made",
        GRID_ROOMS * 6,
        written.load(Ordering::Relaxed)
    );
    steady::print("GET /v1/locations/{id}/days/{date}", grid);
    println!();
}

/// Books so many hours of a room from the hour with this number on, and says which is the next.
async fn book_on(app: &App, chain: &Chain, first: usize, hours: usize) -> usize {
    for number in first..first + hours {
        let start = hour(number);
        let wish = booking::Book {
            member_id: chain.ada,
            resource_id: chain.spree,
            start,
            end: start + 1.hour(),
            people: None,
        };
        booking::book(app, &chain.as_ada(), wish)
            .await
            .expect("the hour is free");
    }
    first + hours
}

/// The same house in a chain of one location and in one of a thousand.
pub async fn growth(house: &House) {
    let (chain, program, _) = open(house, "growth", 8).await;
    let chain = &chain;
    let app = house.stack.app();
    let path = format!("/v1/locations/{}/days/2026-01-22", chain.location);
    println!("The same house, before and after its chain has grown to {PLACES} locations");
    // The day that is looked at is fully booked before the first look, so that it is the same day both times.
    let mut first = book_on(app, chain, 0, 30).await;
    for places in [1, PLACES] {
        for number in 1..places {
            let new = chain::a_house(&format!("House {number}"));
            location::open(app, &chain.owner, chain.legal_entity, new)
                .await
                .expect("a house opens");
        }
        house.stack.settle(chain.tenant).await;
        house.run_in().await;
        let look = || async {
            program.look(&path).await;
        };
        steady::one_by_one(50, |_| look()).await;
        let day = steady::one_by_one(2_000, |_| look()).await;
        let begin = first;
        let book = steady::one_by_one(BOOKED, |number| async move {
            book_on(app, chain, begin + number, 1).await;
        })
        .await;
        first += BOOKED;
        steady::print(&format!("its day, {places} locations"), day);
        steady::print(&format!("booking there, {places} locations"), book);
    }
    println!();
}
