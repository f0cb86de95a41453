//! A floor's page: its plan comes in as a file, and rooms are put on it.

use super::forms::{Form, error_at};
use super::{add_room, form, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type};
use coterie_tests::stack;

const PLAN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" onload="attack()"><script>attack()</script><rect id="wall" width="400" height="300" fill="#eee"/></svg>"##;

#[tokio::test]
async fn a_floor_gets_its_plan_and_its_rooms_by_its_pages() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    add_room(&olive, "Elbe", "8").await;
    let first = async |list: &str| {
        let page = olive.get(list).await.expect(200);
        let mut links = page
            .body
            .split('"')
            .filter(|part| part.starts_with(&format!("{list}/")) && !part.ends_with("/new"));
        links.next().expect("a link").to_owned()
    };
    let place = first("/operator/locations").await;
    let elbe = first("/operator/resources").await;
    let wrong = form(&olive, &place, "Add a floor")
        .await
        .fill("name", "First floor")
        .fill("level", "999")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(error_at(&wrong, "level").as_deref(), Some("Please give -20 to 200."));
    let added = Form::with_button(&wrong, "Add a floor")
        .fill("level", "1")
        .press_on(&olive)
        .await;
    assert!(added.body.contains("Give it a plan"), "{}", added.body);
    let floor = added.url.path().to_owned();
    olive.get(&format!("{floor}/plan.svg")).await.expect(404);

    let upload = Form::with_button(&added, "Take this plan");
    let wrong = upload.press(&olive).await.expect(422);
    assert_eq!(error_at(&wrong, "plan").as_deref(), Some("Please choose an SVG file."));
    let wrong = upload
        .press_with_file(&olive, "plan", "plan.svg", b"GIF89a")
        .await
        .expect(422);
    assert!(
        error_at(&wrong, "plan").is_some_and(|error| error.contains("no SVG")),
        "{}",
        wrong.body
    );
    upload
        .press_with_file(&olive, "plan", "plan.svg", &vec![b' '; 2_000_000])
        .await
        .expect(413);
    upload
        .press_with_file(&olive, "plan", "plan.svg", PLAN.as_bytes())
        .await
        .expect(303);
    let placed = form(&olive, &elbe, "Put it there")
        .await
        .choose("floor_id", "First floor")
        .fill("x_percent", "12,5")
        .fill("y_percent", "half")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&placed, "y_percent").as_deref(),
        Some("Please write a number, such as 12.5.")
    );
    Form::with_button(&placed, "Put it there")
        .fill("y_percent", "50")
        .press_on(&olive)
        .await;
    let page = olive.get(&floor).await.expect(200);
    assert!(page.body.contains("<circle cx=\"125\" cy=\"375\""), "{}", page.body);

    let plan = olive.get(&format!("{floor}/plan.svg")).await.expect(200);
    assert!(
        !plan.body.contains("attack") && plan.body.contains("<rect fill=\"#eee\""),
        "{}",
        plan.body
    );
    assert_eq!(plan.header("content-type"), Some("image/svg+xml"));
    assert_eq!(plan.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        plan.header("content-security-policy"),
        Some("default-src 'none'; sandbox; frame-ancestors 'none'")
    );
    let tag = plan.header("etag").expect("a tag").to_owned();
    let again = olive
        .request(reqwest::Method::GET, &format!("{floor}/plan.svg"))
        .header("if-none-match", &tag);
    let again = olive.send(again).await.expect(304);
    assert!(again.body.is_empty() && again.header("content-security-policy") == plan.header("content-security-policy"));
    house.shutdown().await;
}
