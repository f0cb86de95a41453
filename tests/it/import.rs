//! Bringing a chain in from files: a dry run writes nothing, faults are told by row and column, nothing comes in twice.

use crate::cli::{app, coterie, environment, open};
use coterie_app::import::{self, Mode, People, Report};
use coterie_app::{App, Caller, catalogue, log};
use coterie_tests::{Database, database, skip};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn samples() -> PathBuf {
    skip::root().join("samples")
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(samples().join(name)).expect("a sample file")
}

fn catalogue_files() -> BTreeMap<String, String> {
    let text = |name: &&str| ((*name).to_owned(), sample(&format!("catalogue/{name}")));
    import::CATALOGUE_FILES.iter().map(text).collect()
}

async fn import_all(app: &App, caller: &Caller, mode: Mode) -> [Report; 2] {
    let catalogue = import::catalogue(app, caller, &catalogue_files(), mode)
        .await
        .expect("the catalogue can be judged");
    let (companies, members) = (sample("companies.csv"), sample("members.csv"));
    let files = People {
        companies: Some(&companies),
        members: Some(&members),
    };
    let people = import::people(app, caller, files, mode)
        .await
        .expect("the people can be judged");
    [catalogue, people]
}

async fn head(app: &App, caller: &Caller) -> i64 {
    let head = log::page::head(app, caller.tenant).await.expect("the log has a head");
    head.map_or(0, |head| head.position)
}

fn counts(report: &Report) -> Vec<String> {
    let line = |file: &import::Imported| format!("{} {} {}", file.file, file.created, file.unchanged);
    report.files.iter().map(line).collect()
}

fn faults(report: &Report) -> Vec<String> {
    let line = |error: &import::RowError| format!("{} {} {}: {}", error.file, error.row, error.column, error.message);
    report.errors.iter().map(line).collect()
}

async fn import_keys(db: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from import_key")
        .fetch_one(&db.owner)
        .await
        .expect("the table can be counted")
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    let before = head(&app, &owner).await;
    let report = import::catalogue(&app, &owner, &catalogue_files(), Mode::DryRun)
        .await
        .expect("the catalogue can be judged");
    assert_eq!(faults(&report), Vec::<String>::new());
    assert_eq!(
        counts(&report),
        [
            "legal_entities.csv 2 0",
            "tax_rates.csv 6 0",
            "locations.csv 3 0",
            "resource_types.csv 5 0",
            "resources.csv 47 0",
            "plans.csv 6 0",
            "price_rules.csv 11 0"
        ]
    );
    assert_eq!(head(&app, &owner).await, before);

    import::catalogue(&app, &owner, &catalogue_files(), Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    let before = head(&app, &owner).await;
    let [again, people] = import_all(&app, &owner, Mode::DryRun).await;
    assert_eq!((again.created(), again.unchanged()), (0, 80));
    assert_eq!(counts(&people), ["companies.csv 12 0", "members.csv 150 0"]);
    assert_eq!(faults(&people), Vec::<String>::new());
    assert_eq!((head(&app, &owner).await, import_keys(&db).await), (before, 0));
}

#[tokio::test]
async fn importing_again_changes_nothing() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    let first = import_all(&app, &owner, Mode::Apply).await;
    assert_eq!(first.each_ref().map(Report::created), [80, 162]);
    let before = head(&app, &owner).await;
    let second = import_all(&app, &owner, Mode::Apply).await;
    assert_eq!(second.each_ref().map(Report::created), [0, 0]);
    assert_eq!(second.each_ref().map(Report::unchanged), [80, 162]);
    assert_eq!(head(&app, &owner).await, before);
    let joined: i64 = sqlx::query_scalar("select count(*) from company_member")
        .fetch_one(&db.owner)
        .await
        .expect("the table can be counted");
    let with_company = sample("members.csv")
        .lines()
        .filter(|line| line.contains(",C-"))
        .count();
    assert_eq!(usize::try_from(joined), Ok(with_company));
}

#[tokio::test]
async fn a_changed_price_and_plan_come_in_as_what_counts_from_now_on() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    import::catalogue(&app, &owner, &catalogue_files(), Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    let mut files = catalogue_files();
    for (file, old, new) in [
        ("plans.csv", "EUR,300.00", "EUR,320.00"),
        ("price_rules.csv", "Desk,,EUR,5.00", "Desk,,EUR,6.00"),
    ] {
        let text = files.get_mut(file).expect("the file is there");
        *text = text.replace(old, new);
    }
    let report = import::catalogue(&app, &owner, &files, Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    assert_eq!((report.created(), faults(&report)), (2, Vec::new()));
    let folded = catalogue::read(&app, owner.tenant).await.expect("the catalogue");
    let flex = folded
        .plans_on_offer()
        .into_iter()
        .find(|plan| plan.name == "Flex Berlin");
    assert_eq!(flex.map(|plan| (plan.number, plan.price.minor)), Some((2, 32_000)));
    let again = import::catalogue(&app, &owner, &files, Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    assert_eq!(again.created(), 0);
}

/// `tax_included` says how prices are told; what a file does not say of a plan stays as it is.
#[tokio::test]
async fn prices_come_in_as_they_are_told() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    let with = |files: &BTreeMap<String, String>, file: &str, line: &str, told: &str| {
        let text = files[file].lines().enumerate().map(|(index, text)| match index {
            0 => format!("{text},tax_included"),
            _ if text.starts_with(line) => format!("{text},{told}"),
            _ => format!("{text},"),
        });
        let mut files = files.clone();
        files.insert(file.to_owned(), text.collect::<Vec<_>>().join("\n") + "\n");
        files
    };
    let all = catalogue_files();
    let import = async |files: BTreeMap<String, String>| {
        import::catalogue(&app, &owner, &files, Mode::Apply)
            .await
            .expect("the catalogue can be judged")
    };
    let wrong = import(with(&all, "plans.csv", "Flex Berlin", "maybe")).await;
    assert_eq!(faults(&wrong), ["plans.csv 3 tax_included: Please write yes or no."]);
    let told = with(&all, "plans.csv", "Flex Berlin", "yes");
    let told = with(&told, "price_rules.csv", "Meeting room,Berlin Mitte", "yes");
    assert_eq!(faults(&import(told.clone()).await), Vec::<String>::new());
    let folded = catalogue::read(&app, owner.tenant).await.expect("the catalogue");
    let plans = folded.plans_on_offer().into_iter();
    let told_plans: Vec<&str> = plans
        .filter(|plan| plan.tax_included)
        .map(|plan| plan.name.as_str())
        .collect();
    let told_rules = folded.price_rules.values().filter(|rule| rule.tax_included).count();
    assert_eq!((told_plans, told_rules), (vec!["Flex Berlin"], 1));
    assert_eq!(import(told.clone()).await.created(), 0);
    // Said nothing of, the plan stays as it is told.
    let silent = with(&all, "price_rules.csv", "Meeting room,Berlin Mitte", "yes");
    assert_eq!(import(silent).await.created(), 0);
}

/// Columns that a file may leave out change nothing while they are left out, or empty.
#[tokio::test]
async fn day_passes_money_and_a_deposit_come_in_with_their_columns() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    let mut files = catalogue_files();
    let mut created = Vec::new();
    for (flex, others) in [
        (None, ""),
        (Some(",2,30.00,600.00"), ",,,"),
        (Some(",,,"), ",,,"),
        (Some(",2,40.00,"), ",,,"),
    ] {
        if let Some(flex) = flex {
            let plans = sample("catalogue/plans.csv");
            let lines = plans.lines().enumerate().map(|(index, line)| match index {
                0 => format!("{line},day_passes,money,deposit"),
                _ if line.starts_with("Flex Berlin") => format!("{line}{flex}"),
                _ => format!("{line}{others}"),
            });
            files.insert("plans.csv".to_owned(), lines.collect::<Vec<_>>().join("\n") + "\n");
        }
        let report = import::catalogue(&app, &owner, &files, Mode::Apply)
            .await
            .expect("the catalogue can be imported");
        assert_eq!(faults(&report), Vec::<String>::new());
        created.push(report.created());
    }
    assert_eq!(created, [80, 1, 0, 1]);
    let folded = catalogue::read(&app, owner.tenant).await.expect("the catalogue");
    let flex = folded
        .plans_on_offer()
        .into_iter()
        .find(|plan| plan.name == "Flex Berlin");
    let granted = flex.map(|plan| {
        (
            plan.day_passes,
            plan.money.map(|money| money.minor),
            plan.deposit.map(|money| money.minor),
        )
    });
    assert_eq!(granted, Some((2, Some(4_000), Some(60_000))));
}

#[tokio::test]
async fn every_fault_of_a_catalogue_is_told_by_row_and_column_and_nothing_is_written() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    let files = [
        (
            "legal_entities.csv",
            "name,street,city,country,currency,time_zone,invoice_series\n\
             Harbour GmbH,Kai 1,Hamburg,Germany,EUR,Europe/Hamburg,HH\n\
             Harbour Ltd,Quay 2,London,GB,GBP,Europe/London,LON\n",
        ),
        (
            "locations.csv",
            "name,legal_entity,street,city,country,time_zone,opening_hours\n\
             Pier,Harbour GmbH,Kai 1,Hamburg,DE,Europe/Berlin,Mon-Fri 08:00-20:00\n\
             Quay,Harbour Ltd,Quay 2,London,GB,Europe/London,always\n\
             Dock,Harbour Inc,Dock 3,London,GB,Europe/London,Mon 08:00-20:00\n",
        ),
        ("resource_types.csv", "name,tax_category,colour\nDesk,standard,red\n"),
        (
            "tax_rates.csv",
            "country,category,rate_percent,effective_from\nGB,standard,twenty,2011-01-04\nGB,standard,120,yesterday\n",
        ),
        (
            "plans.csv",
            "name,legal_entity,currency,price,tax_category\nFlex,Harbour Ltd,EUR,3.001,standard\n",
        ),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let before = head(&app, &owner).await;
    let report = import::catalogue(&app, &owner, &files, Mode::Apply)
        .await
        .expect("the catalogue can be judged");
    assert_eq!(
        faults(&report),
        [
            "resource_types.csv 1 colour: There is no such column; there are name, tax_category.",
            "legal_entities.csv 2 country: Please write a two-letter country code such as DE.",
            "legal_entities.csv 2 time_zone: \u{201c}Europe/Hamburg\u{201d} is not an IANA time zone such as Europe/Berlin.",
            "tax_rates.csv 2 rate_percent: Please write a percentage such as 19 or 7.7.",
            "tax_rates.csv 3 effective_from: Please write a day such as 2021-01-01.",
            // Pier is not told to be wrong because its legal entity is.
            "locations.csv 3 opening_hours: Write opening hours such as \u{201c}Mon-Fri 08:00-20:00; Sat 09:00-18:00\u{201d}.",
            "locations.csv 4 legal_entity: There is no legal entity \u{201c}Harbour Inc\u{201d}, here or in legal_entities.csv.",
            "plans.csv 2 price: EUR has 2 digits after the point.",
        ]
    );
    assert_eq!(head(&app, &owner).await, before);
}

#[tokio::test]
async fn an_import_never_changes_what_is_there_under_the_same_name() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    import::catalogue(&app, &owner, &catalogue_files(), Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    let mut files = catalogue_files();
    for (file, old, new) in [
        ("resources.csv", "Meeting room,Spree,4", "Meeting room,Spree,5"),
        ("legal_entities.csv", "Europe/London,HWL", "Europe/Dublin,HWL"),
    ] {
        let text = files.get_mut(file).expect("the file is there");
        *text = text.replace(old, new);
    }
    let report = import::catalogue(&app, &owner, &files, Mode::Apply)
        .await
        .expect("the catalogue can be judged");
    assert_eq!(
        faults(&report),
        [
            "legal_entities.csv 3 time_zone: It is there already with \u{201c}Europe/London\u{201d} here; an import changes nothing.",
            "resources.csv 2 capacity: It is there already with \u{201c}4\u{201d} here; an import changes nothing.",
        ]
    );
}

#[tokio::test]
async fn every_fault_of_a_member_list_is_told() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    import::catalogue(&app, &owner, &catalogue_files(), Mode::Apply)
        .await
        .expect("the catalogue can be imported");
    let companies = "external_id;name;billing_email\nC-1;Tidemark Ltd;accounts@tidemark.example\nC-1;;nobody\n";
    let members = "external_id,name,email,home_location,company,plan\n\
         M-1,Ada Obi,ada@example.com,Berlin Mitte,C-1,Flex Berlin\n\
         M-2,Bea Lund,ADA@example.com,Berlin Nord,C-9,Flex London\n\
         ,Cem Kaya,cem.example.com,,,Gold\n\
         M-1,Dan Roth,olive@example.com,London Shoreditch,,Flex Berlin\n";
    let files = People {
        companies: Some(companies),
        members: Some(members),
    };
    let report = import::people(&app, &owner, files, Mode::Apply)
        .await
        .expect("the people can be judged");
    assert_eq!(
        faults(&report),
        [
            "companies.csv 3 external_id: An earlier row has the id \u{201c}C-1\u{201d} too.",
            "companies.csv 3 name: Please fill this in.",
            "companies.csv 3 billing_email: Please write an email address such as ada@example.com.",
            "members.csv 3 company: There is no company with the id \u{201c}C-9\u{201d}.",
            "members.csv 3 email: An earlier row has this address too.",
            "members.csv 3 home_location: There is no location \u{201c}Berlin Nord\u{201d}, here or in locations.csv.",
            "members.csv 4 external_id: Please give every row an id of its own, such as M-001.",
            "members.csv 4 plan: There is no plan \u{201c}Gold\u{201d}.",
            "members.csv 4 email: Please write an email address such as ada@example.com.",
            "members.csv 5 external_id: An earlier row has the id \u{201c}M-1\u{201d} too.",
            "members.csv 5 email: Somebody here already uses this address.",
            "members.csv 5 plan: Flex Berlin is not offered at London Shoreditch.",
        ]
    );
    assert_eq!(import_keys(&db).await, 0);
}

#[tokio::test]
async fn the_command_prints_counts_and_a_table_of_faults() {
    let db = database().await;
    open(&db, "harbour", true).await;
    let variables = environment(&db, &[]);
    let (folder, members) = (samples().join("catalogue"), samples().join("members.csv"));
    let (folder, members) = (folder.display().to_string(), members.display().to_string());
    let import = ["import", "--organization", "harbour"];
    let dry = [&import[..], &["--catalogue", &folder, "--dry-run"]].concat();
    let ended = coterie(&dry, &variables).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended
            .out
            .contains("resources.csv            47 would be created, 0 unchanged\n"),
        "{}",
        ended.out
    );
    // Without the companies' file every member of a company is told.
    let faulty = [&import[..], &["--catalogue", &folder, "--members", &members]].concat();
    let ended = coterie(&faulty, &variables).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.out.contains("\nfile           row  column   what is wrong\n")
            && ended.out.contains("faults; what is in the other files was written.\n"),
        "{}",
        ended.out
    );
    let nowhere = [&import[..], &["--members", "/nowhere/members.csv"]].concat();
    let ended = coterie(&nowhere, &variables).await;
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(
        ended.err.starts_with("/nowhere/members.csv could not be read: "),
        "{}",
        ended.err
    );
    assert_eq!(coterie(&import, &variables).await.code, 2);
}

/// How many appends wrote the events of a type.
async fn appends(db: &Database, event_type: &str) -> (i64, i64) {
    sqlx::query_as("select count(*), count(distinct command_id) from event where event_type = $1")
        .bind(event_type)
        .fetch_one(&db.owner)
        .await
        .expect("the log can be counted")
}

#[tokio::test]
async fn many_rows_are_one_append_and_a_refused_row_takes_none_with_it() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    import_all(&app, &owner, Mode::Apply).await;
    let (resources, appended) = appends(&db, "ResourceAdded").await;
    assert!(
        resources > 10 && appended == 1,
        "{resources} rooms in {appended} appends"
    );
    let (members, appended) = appends(&db, "MemberImported").await;
    assert!(
        members > 100 && appended == 1,
        "{members} members in {appended} appends"
    );

    // Ada works for one company; a later list has her in another, which is only known to be wrong when she joins.
    let import = async |members: &str| {
        let files = People {
            companies: Some("external_id,name,billing_email\nX-1,One Ltd,a@one.example\nX-2,Two Ltd,b@two.example\n"),
            members: Some(members),
        };
        let report = import::people(&app, &owner, files, Mode::Apply).await;
        report.expect("the people can be judged")
    };
    import("external_id,name,email,company\nP-1,Ada Obi,ada@people.example,X-1\n").await;
    let later = import(
        "external_id,name,email,company\n\
         P-2,Bea Lund,bea@people.example,X-2\n\
         P-1,Ada Obi,ada@people.example,X-2\n\
         P-3,Cem Kaya,cem@people.example,X-2\n",
    )
    .await;
    assert_eq!(counts(&later), ["companies.csv 0 2", "members.csv 2 0"]);
    assert_eq!(
        faults(&later),
        ["members.csv 3 : This member already belongs to another company."]
    );
    let (now, _) = appends(&db, "MemberImported").await;
    assert_eq!(now, members + 3, "Bea and Cem came in, once");
}

#[tokio::test]
async fn prices_come_in_with_what_they_ask_for() {
    let db = database().await;
    let (app, owner) = (app(&db), open(&db, "harbour", true).await);
    import_all(&app, &owner, Mode::Apply).await;
    let import = async |rows: &str| {
        let header = "type,location,currency,per_hour,half_day,minimum,per_seat,weekdays,from,until,first_day,last_day,plan,resource,min_minutes,min_people,company,booked_by\n";
        let files = [("price_rules.csv".to_owned(), format!("{header}{rows}"))].into();
        import::catalogue(&app, &owner, &files, Mode::Apply)
            .await
            .expect("the catalogue can be judged")
    };
    let rows = "Desk,,EUR,3.00,10.00,2.00,yes,Mon-Fri,08:00,24:00,2026-02-01,2026-12-31,Flex Berlin,,60,2,C-01,member\n\
                Meeting room,Berlin Mitte,EUR,30.00,,,no,Sat; Sun,,,,,,Spree,,,,\n\
                Desk,,EUR,8.00,24.00,,,,,,,,,,,,,visitor\n";
    let report = import(rows).await;
    assert_eq!((faults(&report), report.created()), (Vec::new(), 3));
    assert_eq!(import(rows).await.unchanged(), 3, "importing again changes nothing");
    let folded = catalogue::read(&app, owner.tenant).await.expect("the catalogue");
    let told: Vec<String> = folded
        .price_rules
        .values()
        .skip(11)
        .map(|rule| {
            let when = rule.conditions.sentence(&folded, Some("Acme"));
            format!("{} {} {when}", rule.per_hour, rule.per_seat)
        })
        .collect();
    assert_eq!(
        told,
        [
            "EUR 3.00 true on Flex Berlin, for Acme, for members, Mon–Fri, 08:00–24:00, 1 Feb 2026 to 31 Dec 2026, 1 h or longer, 2 people or more",
            "EUR 30.00 false in Spree, Sat, Sun",
            "EUR 8.00 false for visitors",
        ]
    );
    let report = import(
        "Desk,,EUR,3.00,,,maybe,Fri-Mon,8,,soon,,Gold,Elbe 9,x,many,C-99,guest\n\
         Desk,,EUR,3.00,,,,,,,,,Flex Berlin,,,0,,visitor\n",
    )
    .await;
    assert_eq!(
        faults(&report),
        [
            "price_rules.csv 2 per_seat: Please write yes or no.",
            "price_rules.csv 2 weekdays: Please write weekdays such as \u{201c}Mon-Fri\u{201d} or \u{201c}Sat; Sun\u{201d}.",
            "price_rules.csv 2 from: Please write both ends of the hours, such as 16:00 and 20:00.",
            "price_rules.csv 2 until: Please write both ends of the hours, such as 16:00 and 20:00.",
            "price_rules.csv 2 first_day: Please write a day such as 2026-12-31.",
            "price_rules.csv 2 plan: There is no plan \u{201c}Gold\u{201d}, here or in plans.csv.",
            "price_rules.csv 2 resource: There is no \u{201c}Elbe 9\u{201d} of this type, here or in resources.csv.",
            "price_rules.csv 2 min_minutes: Please write a whole number of minutes.",
            "price_rules.csv 2 min_people: Please write a whole number of people.",
            "price_rules.csv 2 company: There is no company with the id \u{201c}C-99\u{201d}; import companies first.",
            "price_rules.csv 2 booked_by: Please write member or visitor.",
            "price_rules.csv 3 min_people: Please give a number of people, 1 or more.",
            "price_rules.csv 3 booked_by: Visitors are on no plan, and no company pays for them.",
        ]
    );
}
