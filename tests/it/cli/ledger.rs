use super::{coterie, environment};
use crate::journal_formats::{balanced, books};
use coterie_tests::database;

#[tokio::test]
async fn the_books_come_out_of_the_log_by_entity_and_in_both_formats() {
    let db = database().await;
    let entities = books(&db, "harbour", balanced).await;
    let variables = environment(&db, &[]);
    let export = async |more: &[&str]| {
        let words = [&["ledger", "export", "--organization", "harbour"], more].concat();
        coterie(&words, &variables).await
    };
    let all = export(&["--format", "hledger"]).await;
    assert_eq!(all.code, 0, "{all:?}");
    assert!(
        all.out
            .contains("    Assets:Harbour-Berlin-GmbH:Receivable  138.19 EUR"),
        "{all:?}"
    );
    assert!(
        all.out.contains("    Income:Harbour-Tokyo-KK:Bookings  -2000 JPY"),
        "{all:?}"
    );

    let by_name = export(&["--format", "beancount", "--entity", "harbour tokyo kk"]).await;
    let by_id = export(&["--format", "beancount", "--entity", &entities[1].to_string()]).await;
    assert_eq!(by_name.out, by_id.out);
    assert!(
        by_name.out.contains("  Income:Bookings  -2000 JPY\n") && !by_name.out.contains("EUR"),
        "{by_name:?}"
    );

    let unknown = export(&["--format", "hledger", "--entity", "Nobody"]).await;
    let sentence =
        "There is no legal entity \u{201c}Nobody\u{201d}. There are: Harbour Berlin GmbH, Harbour Tokyo KK.\n";
    assert_eq!(
        (unknown.code, unknown.out.as_str(), unknown.err.as_str()),
        (1, "", sentence)
    );
    assert_eq!(export(&["--format", "xls"]).await.code, 2);
}
