use super::*;
use crate::{
    ResourceId,
    testing::{MITTE, ROOM, ROOM_TYPE, chain, id, record, when},
};

fn room(all: &mut crate::catalogue::Catalogue, number: u128, name: &str) -> ResourceId {
    let new = NewResource {
        name: name.to_owned(),
        ..NewResource::default()
    };
    let room = ResourceId(id(number));
    let added = add(room, ROOM_TYPE, MITTE, &new, all).unwrap();
    record::<ResourceEvent>(all, added);
    room
}

fn terms(parts: &[ResourceId]) -> NewTerms {
    NewTerms {
        lead_minutes: 60,
        horizon_days: 90,
        amenities: vec!["Projector".into(), " projector ".into(), "Whiteboard".into()],
        parts: parts.to_vec(),
        ..NewTerms::default()
    }
}

#[test]
fn a_whole_takes_its_parts_and_their_parts() {
    let mut all = chain();
    let (left, right, hall) = (
        room(&mut all, 0x71, "Left"),
        room(&mut all, 0x72, "Right"),
        room(&mut all, 0x73, "Hall"),
    );
    let set = set_terms(hall, &terms(&[right, left, left]), &all).unwrap();
    assert_eq!(set.amenities, ["projector", "whiteboard"]);
    assert_eq!(set.parts, [left, right]);
    record::<ResourceEvent>(&mut all, set);
    let set = set_terms(left, &terms(&[ROOM]), &all).unwrap();
    record::<ResourceEvent>(&mut all, set);
    assert_eq!(all.occupied_by(hall).into_iter().collect::<Vec<_>>().len(), 4);
    assert_eq!(all.occupied_by(right).into_iter().collect::<Vec<_>>(), [right]);
    assert_eq!((all.terms_version(hall), all.terms_version(right)), (1, 0));
    when(set_terms(ROOM, &terms(&[hall]), &all)).then_faults(&["parts"]);
    when(set_terms(hall, &terms(&[hall]), &all)).then_faults(&["parts"]);
    when(set_terms(hall, &terms(&[ResourceId(id(9))]), &all)).then_faults(&["parts"]);
}

#[test]
fn terms_say_all_their_faults() {
    let faulty = NewTerms {
        lead_minutes: -1,
        horizon_days: 0,
        amenities: vec![" ".into()],
        parts: Vec::new(),
        approval: false,
        hold_minutes: -1,
        check_in_minutes: Some(1),
        no_show_fee_minor: -1,
        visitors: true,
    };
    let fields = [
        "lead_minutes",
        "horizon_days",
        "hold_minutes",
        "check_in_minutes",
        "no_show_fee",
        "amenities",
    ];
    when(set_terms(ROOM, &faulty, &chain())).then_faults(&fields);
    let nobody_asked = NewTerms {
        no_show_fee_minor: 1_000,
        ..NewTerms::default()
    };
    when(set_terms(ROOM, &nobody_asked, &chain())).then_faults(&["no_show_fee"]);
}
