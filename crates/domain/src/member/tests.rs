use super::*;
use crate::testing::{ADA, BERLIN, MITTE, given, when};

#[test]
fn a_member_is_confirmed_by_her_link_or_by_the_chain() {
    let signed_up = sign_up(ADA, " Ada Lovelace ", "Ada@Example.com", Some(MITTE)).unwrap();
    assert_eq!(
        (signed_up.name.as_str(), signed_up.email.as_str()),
        ("Ada Lovelace", "ada@example.com")
    );
    let member = |events: Vec<MemberEvent>| given(Member::evolve, events).state();
    assert!(!member(vec![signed_up.clone().into()]).confirmed);
    assert!(member(vec![signed_up.into(), EmailConfirmed { member_id: ADA }.into()]).confirmed);
    let imported = import(ADA, "Ada Lovelace", "ada@example.com", None, "row 7").unwrap();
    assert_eq!(imported.external_id, "row 7");
    assert!(member(vec![imported.into()]).confirmed);
}

#[test]
fn faults_are_shown_all_at_once() {
    when(sign_up(ADA, " ", "nobody", None)).then_faults(&["name", "email"]);
    when(import(ADA, "Ada\u{7}", "a@b@c.de", None, "1")).then_faults(&["name", "email"]);
}

#[test]
fn a_payers_account_keeps_the_last_card() {
    let payer = Payer::Member(ADA);
    let card = |method: &str| PaymentMethodSaved {
        payer,
        legal_entity_id: BERLIN,
        payment_method_id: method.into(),
        brand: "visa".into(),
        last4: "4242".into(),
        expires: "12/2030".into(),
    };
    let registered = CustomerRegistered {
        payer,
        legal_entity_id: BERLIN,
        customer_id: "cus_1".into(),
    };
    let account = [
        PayerAccountEvent::from(registered),
        card("pm_1").into(),
        card("pm_2").into(),
    ]
    .into_iter()
    .fold(PayerAccount::default(), PayerAccount::evolve);
    assert_eq!(account.customer_id.as_deref(), Some("cus_1"));
    assert_eq!(account.payment_method, Some(card("pm_2")));
}

#[test]
fn an_account_stream_is_derived_from_payer_and_entity() {
    let payer = Payer::Member(ADA);
    assert_eq!(payer.account_stream(BERLIN), payer.account_stream(BERLIN));
    assert_ne!(
        payer.account_stream(BERLIN),
        payer.account_stream(crate::testing::NEW_YORK)
    );
    assert_eq!(Payer::from_parts(payer.kind(), payer.id()), Some(payer));
    assert_eq!(Payer::from_parts("visitor", payer.id()), None);
}

#[test]
fn a_member_is_forgotten_once_nothing_ties_her_any_more() {
    let signed_up = sign_up(ADA, "Ada Lovelace", "ada@example.com", Some(MITTE)).unwrap();
    let ada = given(Member::evolve, vec![MemberEvent::from(signed_up.clone())]);
    for (ties, code) in [
        (
            Ties {
                memberships: 1,
                visits: 1,
                charges: 1,
                invoices: 1,
            },
            "membership_active",
        ),
        (
            Ties {
                visits: 1,
                charges: 1,
                ..Ties::default()
            },
            "visit_open",
        ),
        (
            Ties {
                charges: 1,
                invoices: 1,
                ..Ties::default()
            },
            "charges_open",
        ),
        (
            Ties {
                invoices: 1,
                ..Ties::default()
            },
            "invoices_open",
        ),
    ] {
        ada.when(|member| forget(member, ties)).then_refused(code);
    }
    let forgotten = ada.when(|member| forget(member, Ties::default())).decided();
    // Even what was written in the open is not shown any more.
    let member = given(Member::evolve, vec![MemberEvent::from(signed_up), forgotten.into()]).state();
    assert!(member.forgotten);
    assert_eq!((member.name.as_str(), member.email.as_str()), (FORGOTTEN, FORGOTTEN));
    assert_eq!(member.home_location_id, Some(MITTE));
}
