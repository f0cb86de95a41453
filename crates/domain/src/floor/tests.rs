use super::*;
use crate::{
    FloorId,
    resource::{NewPosition, Position, ResourceEvent, place},
    testing::{MITTE, NIGHT_ROOM, PIER, ROOM, chain, id, record, when},
};
use rust_decimal::Decimal;

const FIRST: FloorId = FloorId(uuid::Uuid::from_u128(0x25));

fn new(name: &str, level: i32) -> NewFloor {
    NewFloor {
        name: name.to_owned(),
        level,
    }
}

fn at(x: &str, y: &str) -> NewPosition {
    NewPosition {
        floor_id: FIRST,
        x_percent: x.parse().unwrap(),
        y_percent: y.parse().unwrap(),
    }
}

#[test]
fn floors_of_a_house_have_names_of_their_own_and_stand_by_level() {
    let mut all = chain();
    for (number, name, level) in [(0x25, " First floor ", 1), (0x26, "Cellar", -1)] {
        let added = add(FloorId(id(number)), MITTE, &new(name, level), &all).unwrap();
        record::<FloorEvent>(&mut all, added);
    }
    let names = |all: &crate::catalogue::Catalogue| {
        let floors = all.floors_of(MITTE).into_iter();
        floors.map(|floor| floor.fact.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&all), ["Cellar", "First floor"]);
    when(add(FloorId(id(0x27)), MITTE, &new("Cellar", 900), &all)).then_faults(&["name", "level"]);
    add(FloorId(id(0x27)), PIER, &new("Cellar", 0), &all).unwrap();
    // Its own name is not in its way.
    let renamed = rename(FIRST, &new("First floor", -2), &all).unwrap();
    record::<FloorEvent>(&mut all, renamed);
    assert_eq!(names(&all), ["First floor", "Cellar"]);
    when(rename(FIRST, &new("Cellar", 1), &all)).then_faults(&["name"]);
    when(rename(FloorId(id(0x99)), &new("Attic", 1), &all)).then_refused("unknown_floor");
    let plan = set_plan(FIRST, "ab", 750, &all).unwrap();
    record::<FloorEvent>(&mut all, plan);
    assert_eq!(all.floor(FIRST).unwrap().plan.as_ref().unwrap().height_per_mille, 750);
}

#[test]
fn a_room_stands_on_a_floor_of_its_own_house_within_the_plan() {
    let mut all = chain();
    let added = add(FIRST, MITTE, &new("First floor", 1), &all).unwrap();
    record::<FloorEvent>(&mut all, added);
    let placed = place(ROOM, Some(at("33.333", "100")), &all).unwrap();
    let position = placed.position.clone().unwrap();
    assert_eq!(
        (position.x_percent.to_string(), position.y_percent.to_string()),
        ("33.3".to_owned(), "100".to_owned())
    );
    record::<ResourceEvent>(&mut all, placed);
    assert_eq!(
        all.positions.get(&ROOM),
        Some(&Position {
            floor_id: FIRST,
            x_percent: Decimal::new(333, 1),
            y_percent: Decimal::ONE_HUNDRED,
        })
    );
    when(place(ROOM, Some(at("-1", "100.1")), &all)).then_faults(&["x_percent", "y_percent"]);
    when(place(NIGHT_ROOM, Some(at("1", "1")), &all)).then_faults(&["floor_id"]);
    let gone = place(ROOM, None, &all).unwrap();
    record::<ResourceEvent>(&mut all, gone);
    assert_eq!(all.positions.get(&ROOM), None);
}
