//! A house's own page: its hours, its terms, and the days on which it is closed.

use super::forms::{Form, error_at};
use super::{form, owner_of_a_new_chain, set_up_entity_and_location};
use coterie_tests::stack;

#[tokio::test]
async fn a_house_closes_and_opens_again_by_its_page() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    let listed = olive.get("/operator/locations").await.expect(200);
    let path = listed
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/locations/") && !part.ends_with("/new"))
        .expect("the list leads to the house")
        .to_owned();

    let wrong = form(&olive, &path, "Close on these days")
        .await
        .fill("first_day", "2026-12-26")
        .fill("last_day", "2026-12-24")
        .fill("reason", "Christmas")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "last_day").as_deref(),
        Some("The last day must not be before the first.")
    );
    let again = Form::with_button(&wrong, "Close on these days");
    assert_eq!(again.value("reason"), Some("Christmas"));
    let closed = again
        .fill("first_day", "2026-12-24")
        .fill("last_day", "")
        .press_on(&olive)
        .await;
    assert!(closed.body.contains("It is closed on these days."), "{}", closed.body);
    assert!(closed.body.contains("Christmas"), "{}", closed.body);

    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260501\r\nSUMMARY:May Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let imported = form(&olive, &path, "Take over its days")
        .await
        .fill("calendar", calendar)
        .press_on(&olive)
        .await;
    assert!(imported.body.contains("May Day"), "{}", imported.body);

    let terms = form(&olive, &path, "Change terms")
        .await
        .fill("cancellation", "24 h: free")
        .press(&olive)
        .await
        .expect(422);
    assert!(
        error_at(&terms, "cancellation")
            .expect("it is refused")
            .contains("24 h: free")
    );
    let hours = form(&olive, &path, "Change hours")
        .await
        .fill("opening_hours", "Mon-Fri 09:00-17:00")
        .press_on(&olive)
        .await;
    assert!(hours.body.contains("Mon-Fri 09:00-17:00"), "{}", hours.body);

    let lifting = hours
        .body
        .split('"')
        .find(|part| part.starts_with(&format!("{path}/closures/")) && !part.ends_with("/import"))
        .expect("a closure can be lifted")
        .to_owned();
    let open = form(&olive, &lifting, "Open again").await.press_on(&olive).await;
    assert!(open.body.contains("It is open on those days again."), "{}", open.body);
    house.shutdown().await;
}
