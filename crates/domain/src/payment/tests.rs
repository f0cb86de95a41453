use super::*;
use crate::{
    Payer,
    testing::{ADA, BERLIN, INVOICE, PAYMENT, eur, given},
};
use proptest::prelude::*;

pub(crate) fn attempted() -> PaymentAttempted {
    PaymentAttempted {
        payment_id: PAYMENT,
        invoice_id: INVOICE,
        legal_entity_id: BERLIN,
        payer: Payer::Member(ADA),
        amount: eur(38_080),
        account_id: "acct_1".into(),
        customer_id: "cus_1".into(),
        payment_method_id: "pm_1".into(),
        intent_id: None,
        attempt: 1,
        on_session: false,
        request: serde_json::json!({ "amount": 38_080, "currency": "eur" }),
    }
}

fn succeeded() -> GatewayOutcome {
    GatewayOutcome::Succeeded {
        intent_id: "pi_1".into(),
        received: eur(38_080),
    }
}
fn processing() -> GatewayOutcome {
    GatewayOutcome::Processing {
        intent_id: "pi_1".into(),
    }
}
fn action_required() -> GatewayOutcome {
    GatewayOutcome::ActionRequired {
        intent_id: "pi_1".into(),
        redirect_url: Some("https://gateway.example/3ds".into()),
    }
}
fn failed() -> GatewayOutcome {
    GatewayOutcome::Failed {
        intent_id: Some("pi_1".into()),
        code: "card_declined".into(),
        decline_code: Some("insufficient_funds".into()),
        kind: DeclineKind::Soft,
        message: "Your card has insufficient funds.".into(),
    }
}
fn canceled() -> GatewayOutcome {
    GatewayOutcome::Canceled {
        intent_id: Some("pi_1".into()),
    }
}
fn unknown() -> GatewayOutcome {
    GatewayOutcome::Unknown {
        reason: "no answer in 30 s".into(),
    }
}
fn every_outcome() -> [GatewayOutcome; 6] {
    [
        succeeded(),
        processing(),
        action_required(),
        failed(),
        canceled(),
        unknown(),
    ]
}

/// The events that a series of outcomes makes, and the state they leave.
fn play(outcomes: &[GatewayOutcome]) -> (Vec<PaymentEvent>, Payment) {
    let mut payment = given(Payment::evolve, [PaymentEvent::from(attempted())]).state();
    let mut events = Vec::new();
    for outcome in outcomes {
        if let Some(event) = record(&payment, outcome) {
            payment = Payment::evolve(Some(payment), event.clone()).unwrap();
            events.push(event);
        }
    }
    (events, payment)
}

fn states(outcomes: &[GatewayOutcome]) -> (usize, PaymentState) {
    let (events, payment) = play(outcomes);
    (events.len(), payment.state)
}

#[test]
fn an_attempt_is_submitted_before_anything_is_known() {
    let (events, payment) = play(&[]);
    assert_eq!(
        (events.len(), payment.state, payment.intent_id),
        (0, PaymentState::Submitted, None)
    );
}

#[test]
fn each_outcome_leads_to_its_state() {
    for (outcome, state, live) in [
        (succeeded(), PaymentState::Settled, false),
        (processing(), PaymentState::Processing, true),
        (action_required(), PaymentState::ActionRequired, false),
        (failed(), PaymentState::Failed, false),
        (canceled(), PaymentState::Canceled, false),
        (unknown(), PaymentState::Unknown, true),
    ] {
        let (events, payment) = play(std::slice::from_ref(&outcome));
        assert_eq!((events.len(), payment.state), (1, state), "{outcome:?}");
        assert_eq!(
            payment.state.live(),
            live,
            "{state:?}: whether another attempt must wait"
        );
    }
    assert!(PaymentState::Submitted.live());
    let (_, waiting) = play(&[action_required()]);
    assert_eq!(waiting.redirect_url.as_deref(), Some("https://gateway.example/3ds"));
}

/// Out of order, faults 6 and 8: money that moved is money that moved.
#[test]
fn a_late_success_wins_over_a_failure_and_a_cancellation() {
    for before in [failed(), canceled(), unknown(), processing(), action_required()] {
        assert_eq!(
            states(&[before.clone(), succeeded()]),
            (2, PaymentState::Settled),
            "{before:?}"
        );
    }
    let (events, _) = play(&[failed(), succeeded()]);
    assert_eq!(
        events[1],
        PaymentSettled {
            payment_id: PAYMENT,
            invoice_id: INVOICE,
            intent_id: "pi_1".into(),
            amount: eur(38_080)
        }
        .into()
    );
}

#[test]
fn nothing_follows_a_settled_payment() {
    for after in every_outcome() {
        assert_eq!(
            states(&[succeeded(), after.clone()]),
            (1, PaymentState::Settled),
            "{after:?}"
        );
    }
}

#[test]
fn only_a_success_follows_an_end() {
    for end in [failed(), canceled()] {
        for after in [processing(), action_required(), failed(), canceled(), unknown()] {
            assert_eq!(play(&[end.clone(), after.clone()]).0.len(), 1, "{end:?} then {after:?}");
        }
    }
}

#[test]
fn an_answer_that_says_nothing_displaces_nothing() {
    // The webhook was faster than the answer, and the answer never came.
    assert_eq!(states(&[processing(), unknown()]), (1, PaymentState::Processing));
    assert_eq!(
        states(&[action_required(), unknown()]),
        (1, PaymentState::ActionRequired)
    );
    assert_eq!(states(&[unknown(), processing()]), (2, PaymentState::Processing));
}

#[test]
fn an_intent_once_known_stays_known() {
    let nameless = GatewayOutcome::Canceled { intent_id: None };
    assert_eq!(play(&[processing(), nameless]).1.intent_id.as_deref(), Some("pi_1"));
    let nameless = GatewayOutcome::Failed {
        intent_id: None,
        code: "card_declined".into(),
        decline_code: None,
        kind: DeclineKind::Hard,
        message: String::new(),
    };
    assert_eq!(play(&[processing(), nameless]).1.intent_id.as_deref(), Some("pi_1"));
}

#[test]
fn only_soft_declines_are_tried_again_and_not_for_ever() {
    let soft: Vec<_> = (1..=5)
        .map(|attempt| retry_after_days(attempt, DeclineKind::Soft))
        .collect();
    assert_eq!(soft, [Some(3), Some(5), Some(7), None, None]);
    for kind in [
        DeclineKind::Hard,
        DeclineKind::AuthenticationRequired,
        DeclineKind::Other,
    ] {
        assert_eq!(retry_after_days(1, kind), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Whatever order and however often the gateway says it.
    #[test]
    fn a_payment_settles_at_most_once_and_duplicates_add_nothing(
        said in prop::collection::vec(0usize..6, 0..12),
    ) {
        let outcomes: Vec<GatewayOutcome> = said.iter().map(|which| every_outcome()[*which].clone()).collect();
        let (events, payment) = play(&outcomes);
        let settled = events.iter().filter(|event| matches!(event, PaymentEvent::PaymentSettled(_))).count();
        prop_assert_eq!(settled, usize::from(outcomes.contains(&succeeded())));
        prop_assert_eq!(payment.state == PaymentState::Settled, settled == 1);
        let twice: Vec<GatewayOutcome> = outcomes.iter().flat_map(|outcome| [outcome.clone(), outcome.clone()]).collect();
        prop_assert_eq!(&play(&twice).0, &events);
        // Replaying everything once more changes nothing once the attempt is settled.
        if settled == 1 {
            let again: Vec<GatewayOutcome> = outcomes.iter().chain(&outcomes).cloned().collect();
            prop_assert_eq!(play(&again).0, events);
        }
    }
}
