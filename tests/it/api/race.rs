//! Two members ask for one slot at the same moment.

use super::client::{Client, booking, set_up, subscribed};
use coterie_tests::stack;
use serde_json::Value;

#[tokio::test]
async fn of_two_who_ask_for_one_slot_at_once_one_gets_it() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let (ada, bea) = (
        subscribed(&api, &harbour, "Ada").await,
        subscribed(&api, &harbour, "Bea").await,
    );
    for hour in [8, 10, 12, 14, 16] {
        let wishes = [
            booking(&ada, &harbour.elbe, hour, hour + 1),
            booking(&bea, &harbour.elbe, hour, hour + 1),
        ];
        let (one, other) = tokio::join!(
            api.post("/v1/bookings", &wishes[0]),
            api.post("/v1/bookings", &wishes[1])
        );
        let mut answers = [one, other];
        answers.sort_by_key(|answer| answer.status);
        let [won, lost] = answers;
        won.expect(201);
        let lost: Value = lost.expect(409).json();
        assert_eq!(lost["code"], "slot_taken");
    }
    stack.shutdown().await;
}
