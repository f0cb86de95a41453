use super::*;

#[test]
fn booking_news() {
    let letter = WaitlistOffer {
        organization: organization(),
        name: name(),
        link: link(),
        what: "Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)".to_owned(),
        sentences: vec![
            "You waited for this time, and it is free now.".to_owned(),
            "It is held for you <until> 20 January 2026, 12:00.".to_owned(),
        ],
        button: "Book it".to_owned(),
    };
    let words = letter.words().unwrap();
    assert_eq!(
        words.subject,
        "Free now: Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)"
    );
    insta::assert_snapshot!(words.text, @r"
    Hello Ada <Lovelace>,

    Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)

    You waited for this time, and it is free now.

    It is held for you <until> 20 January 2026, 12:00.

    Book it: https://harbour.example/x?a=1&b=2

    Harbour & Co
    ");
    assert!(
        words
            .html
            .contains("<p>It is held for you &#60;until&#62; 20 January 2026, 12:00.</p>")
    );
    assert!(words.html.contains("because you have an account there"));
}

#[test]
fn every_letter_about_a_booking_has_its_own_subject() {
    macro_rules! subjects {
        ($($letter:ident),+) => {
            [$(($letter::KIND, $letter {
                organization: organization(),
                name: name(),
                link: link(),
                what: "Elbe".to_owned(),
                sentences: Vec::new(),
                button: "See the booking".to_owned(),
            }.words().unwrap().subject)),+]
        };
    }
    let all = subjects!(BookingApproved, BookingDeclined, RequestExpired, NoShow, WaitlistOffer);
    let expected = [
        ("booking_approved", "Booked: Elbe"),
        ("booking_declined", "Declined: Elbe"),
        ("request_expired", "Not booked: Elbe"),
        ("no_show", "Not used: Elbe"),
        ("waitlist_offer", "Free now: Elbe"),
    ];
    assert_eq!(all, expected.map(|(kind, subject)| (kind, subject.to_owned())));
}

#[test]
fn a_guest_has_no_account_and_is_told_so() {
    let letter = GuestInvitation {
        organization: organization(),
        name: "Grace".to_owned(),
        link: link(),
        what: "Elbe, 22 January 2026".to_owned(),
        place: "Speicher, Hafenstrasse 1, 10115 Berlin".to_owned(),
        sentence: "Ada <Lovelace> invites you:".to_owned(),
    };
    let words = letter.words().unwrap();
    assert_eq!(words.subject, "Invitation: Elbe, 22 January 2026");
    insta::assert_snapshot!(words.text, @r"
    Hello Grace,

    Ada <Lovelace> invites you:

    Elbe, 22 January 2026
    Speicher, Hafenstrasse 1, 10115 Berlin

    The attached file puts it into your calendar.

    About the house: https://harbour.example/x?a=1&b=2

    Harbour & Co sent you this message because one of its members gave us your address for this one occasion.
    ");
    assert!(!words.html.contains("you have an account") && words.html.contains("Ada &#60;Lovelace&#62; invites you:"));
}

#[test]
fn a_visitor_reads_why_she_is_written_to() {
    let letter = VisitBooked {
        organization: organization(),
        name: name(),
        link: link(),
        what: "Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)".to_owned(),
        sentences: vec!["You paid EUR 47.60.".to_owned()],
        button: "See the booking".to_owned(),
    };
    let words = letter.words().unwrap();
    assert_eq!(
        words.subject,
        "Booked: Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)"
    );
    insta::assert_snapshot!(words.text, @r"
    Hello Ada <Lovelace>,

    Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)

    You paid EUR 47.60.

    See the booking: https://harbour.example/x?a=1&b=2

    Harbour & Co sent you this message because somebody booked there as a visitor and gave your address.
    ");
    assert!(words.html.contains("because somebody booked there as a visitor"));
    assert!(!words.html.contains("because you have an account there"));
    macro_rules! subjects {
        ($($letter:ident),+) => {
            [$(($letter::KIND, $letter {
                organization: organization(),
                name: name(),
                link: link(),
                what: "Elbe".to_owned(),
                sentences: Vec::new(),
                button: "See what happened".to_owned(),
            }.words().unwrap().subject)),+]
        };
    }
    let all = subjects!(VisitRefunded, VisitCancelled);
    assert_eq!(all[0], ("visit_refunded", "Not booked: Elbe".to_owned()));
    assert_eq!(all[1], ("visit_cancelled", "Cancelled: Elbe".to_owned()));
}
