use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn room(occupied: Vec<Occupied>) -> GridResource {
    GridResource {
        name: "Room A".into(),
        detail: "8 seats".into(),
        book_href: Some("/bookings/new?resource=a".into()),
        occupied,
    }
}

fn busy(start: &str, end: &str) -> Occupied {
    Occupied {
        start: at(start),
        end: at(end),
        occupancy: Occupancy::Busy,
        label: "Booked".into(),
        href: None,
    }
}

fn grid(opens: &str, closes: &str, now: &str, occupied: Vec<Occupied>) -> DayGrid {
    let hours = (at(opens), at(closes));
    DayGrid::new(
        "rooms",
        "Rooms on 20 January",
        &berlin(),
        hours,
        at(now),
        vec![room(occupied)],
    )
}

#[test]
fn free_cells_are_links_with_whole_names() {
    let grid = grid(
        "2026-01-20T08:00:00Z",
        "2026-01-20T10:30:00Z",
        "2026-01-20T08:10:00Z",
        vec![busy("2026-01-20T09:00:00Z", "2026-01-20T10:00:00Z")],
    );
    insta::assert_snapshot!(grid, @r#"
        <div class="day-grid">
          <p class="day-grid-title" id="rooms-caption">Rooms on 20 January <span class="zone">Times in Europe/Berlin</span></p>
          <div class="day-grid-scroll" role="region" aria-labelledby="rooms-caption" tabindex="0" data-day-grid>
          <table aria-labelledby="rooms-caption">
            <thead>
              <tr>
                <td class="corner"></td>
                <th scope="col" class="hour">09:00</th>
                <th scope="col"><span class="visually-hidden">09:30</span></th>
                <th scope="col" class="hour">10:00</th>
                <th scope="col"><span class="visually-hidden">10:30</span></th>
                <th scope="col" class="hour">11:00</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">Room A <span class="detail">8 seats</span></th>
                <td class="slot past hour"><span class="visually-hidden">Room A, 09:00–09:30, past</span></td>
                <td class="slot free"><a href="/bookings/new?resource=a&#38;start=2026-01-20T08:30:00Z" aria-label="Room A, 09:30–10:00, free"></a></td>
                <td class="slot busy hour" colspan="2"><span class="visually-hidden">Room A, 10:00–11:00, Booked</span><span class="slot-text" aria-hidden="true">Booked</span></td>
                <td class="slot free hour"><a href="/bookings/new?resource=a&#38;start=2026-01-20T10:00:00Z" aria-label="Room A, 11:00–11:30, free"></a></td>
              </tr>
            </tbody>
          </table>
          </div>
        </div>
        "#);
}

#[test]
fn a_booking_beside_the_half_hour_takes_both_slots() {
    let occupied = busy("2026-01-20T09:15:00Z", "2026-01-20T09:45:00Z");
    let grid = grid(
        "2026-01-20T09:00:00Z",
        "2026-01-20T10:00:00Z",
        "2026-01-01T00:00:00Z",
        vec![occupied],
    );
    let cells = &grid.rows[0].cells;
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].span, 2);
    assert_eq!(cells[0].accessible, "Room A, 10:15–10:45, Booked");
}

#[test]
fn neighbouring_bookings_stay_apart() {
    let occupied = vec![
        busy("2026-01-20T10:00:00Z", "2026-01-20T11:00:00Z"),
        busy("2026-01-20T09:00:00Z", "2026-01-20T10:00:00Z"),
    ];
    let grid = grid(
        "2026-01-20T09:00:00Z",
        "2026-01-20T11:00:00Z",
        "2026-01-01T00:00:00Z",
        occupied,
    );
    let spans: Vec<_> = grid.rows[0].cells.iter().map(|cell| cell.span).collect();
    assert_eq!(spans, [2, 2]);
}

#[test]
fn days_of_23_and_25_hours_have_their_own_columns() {
    let spring = grid(
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
        "2026-01-01T00:00:00Z",
        vec![],
    );
    assert_eq!(spring.columns.len(), 46);
    assert_eq!(spring.columns[4].label, "03:00");
    let autumn = grid(
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
        "2026-01-01T00:00:00Z",
        vec![],
    );
    assert_eq!(autumn.columns.len(), 50);
    let doubled: Vec<_> = autumn.columns[4..8]
        .iter()
        .map(|column| column.label.as_str())
        .collect();
    assert_eq!(doubled, ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]);
}

#[test]
fn nothing_is_styled_inline() {
    let html = grid(
        "2026-01-20T08:00:00Z",
        "2026-01-20T10:00:00Z",
        "2026-01-01T00:00:00Z",
        vec![],
    );
    assert!(!html.to_string().contains("style="));
}
