use super::{Written, written};
use crate::{
    MembershipId, PlanVersionId, PriceChangeId,
    membership::{MembershipEvent, PlanChangeAnnounced},
    price_change::{
        LeftOut, MembershipsConcerned, MembershipsReleased, MembershipsTold, Move, PriceChangeAnnounced,
        PriceChangeCalledOff, PriceChangeCompleted, PriceChangeEvent, Reason, Terms,
    },
    testing::{BERLIN, FLEX, FLEX_1, MEMBERSHIP, date, eur, id},
};

const CHANGE: PriceChangeId = PriceChangeId(uuid::Uuid::from_u128(0xe8));

pub fn all() -> Vec<Written> {
    let flex_2 = PlanVersionId(id(0x62));
    let stays = LeftOut {
        membership_id: MembershipId(id(0x81)),
        why: Reason::AgreedPrice.on(date("2026-06-01")),
    };
    let change: Vec<PriceChangeEvent> = vec![
        PriceChangeAnnounced {
            price_change_id: CHANGE,
            terms: Terms {
                plan_id: FLEX,
                plan_version_id: flex_2,
                legal_entity_id: BERLIN,
                price: eur(33_300),
                effective_from: date("2026-03-01"),
                notice_days: 30,
                announced_on: date("2026-01-20"),
                message: Some("The rent went up.".into()),
            },
            memberships: 1,
            preview_sha256: "baa5a0964d3320fbc0c6a922140453c8".into(),
        }
        .into(),
        MembershipsConcerned {
            price_change_id: CHANGE,
            moves: vec![Move {
                membership_id: MEMBERSHIP,
                plan_version_id: FLEX_1,
                price: eur(30_000),
                from: date("2026-04-01"),
                bound_until: Some(date("2026-04-01")),
            }],
            stays: vec![stays],
        }
        .into(),
        MembershipsTold {
            price_change_id: CHANGE,
            told: vec![MEMBERSHIP],
            left_out: vec![stays],
        }
        .into(),
        PriceChangeCalledOff {
            price_change_id: CHANGE,
        }
        .into(),
        MembershipsReleased {
            price_change_id: CHANGE,
            released: vec![MEMBERSHIP],
            left_out: vec![stays],
        }
        .into(),
        PriceChangeCompleted {
            price_change_id: CHANGE,
        }
        .into(),
    ];
    let told = PlanChangeAnnounced {
        membership_id: MEMBERSHIP,
        price_change_id: CHANGE,
        plan_version_id: flex_2,
        from: date("2026-04-01"),
    };
    let change = change.iter().map(written);
    change.chain([written(&MembershipEvent::from(told))]).collect()
}
