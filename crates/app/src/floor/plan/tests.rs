//! Attacks by drawing, each beside the innocent rectangle that has to survive it.

use super::*;

const RECT: &str = r##"<rect x="1" y="1" width="8" height="8" fill="#eee"/>"##;
const KEPT: &str = r##"<rect fill="#eee" height="8" width="8" x="1" y="1"></rect>"##;

fn drawing(inside: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 5">{inside}{RECT}</svg>"#
    )
}

fn clean(svg: &str) -> String {
    Plan::read(svg.as_bytes())
        .unwrap_or_else(|refusal| panic!("{svg}: {}", refusal.sentence))
        .svg()
        .to_owned()
}

fn refused(svg: impl AsRef<[u8]>) -> String {
    let refusal = Plan::read(svg.as_ref()).expect_err("it is no plan");
    assert_eq!((refusal.code, refusal.fields[0].field.as_str()), ("no_plan", "plan"));
    refusal.sentence
}

/// What is put into a drawing, and what must not be left of it.
const ATTACKS: [(&str, &str); 34] = [
    ("<script>attack()</script>", "attack"),
    ("<script href='https://evil.test/attack.js'/>", "attack"),
    ("<SCRIPT>attack()</SCRIPT>", "attack"),
    (
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>attack()</x:script>",
        "attack",
    ),
    (
        "<script xmlns='http://www.w3.org/1999/xhtml'>attack()</script>",
        "attack",
    ),
    ("<g onload='attack()'></g>", "attack"),
    ("<g ONCLICK='attack()'></g>", "attack"),
    ("<rect onmouseover='attack()' width='1' height='1'/>", "attack"),
    (
        "<g><g><circle r='1' onfocus='attack()' tabindex='1'/></g></g>",
        "attack",
    ),
    ("<a href='javascript:attack()'><rect/></a>", "attack"),
    ("<a xlink:href='java&#x0A;script:attack()'><rect/></a>", "attack"),
    (
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><img src='x' onerror='attack()'/></body></foreignObject>",
        "attack",
    ),
    (
        "<foreignObject><iframe src='https://evil.test/attack'/></foreignObject>",
        "attack",
    ),
    ("<image href='https://evil.test/attack.png'/>", "attack"),
    ("<image href='data:image/svg+xml;base64,attack'/>", "attack"),
    ("<use href='https://evil.test/attack.svg#a'/>", "attack"),
    ("<use href='data:image/svg+xml,attack'/>", "attack"),
    ("<feImage href='https://evil.test/attack.png'/>", "attack"),
    ("<style>@import 'https://evil.test/attack.css';</style>", "attack"),
    (
        "<style><![CDATA[rect{fill:url(https://evil.test/attack)}]]></style>",
        "attack",
    ),
    ("<rect style='fill:url(https://evil.test/attack)'/>", "attack"),
    ("<rect style='fill:u\\72l(https://evil.test/attack)'/>", "attack"),
    (
        "<rect style='fill:red;background-image:url(//evil.test/attack)'/>",
        "attack",
    ),
    ("<rect fill='url(https://evil.test/attack#a)'/>", "attack"),
    ("<rect fill='url(#a) url(https://evil.test/attack)'/>", "attack"),
    ("<rect filter='url(https://evil.test/attack#f)'/>", "attack"),
    ("<animate attributeName='href' to='javascript:attack()'/>", "attack"),
    ("<set attributeName='onclick' to='attack()'/>", "attack"),
    (
        "<animateTransform attributeName='transform' dur='1s' values='attack'/>",
        "attack",
    ),
    (
        "<linearGradient id='g' xlink:href='https://evil.test/attack#g'/>",
        "attack",
    ),
    (
        "<handler xmlns='http://www.w3.org/2001/xml-events'>attack()</handler>",
        "attack",
    ),
    ("<title><script>attack()</script></title>", "attack"),
    ("<metadata><attack/></metadata>", "attack"),
    (
        "<!-- attack --><?xml-stylesheet href='https://evil.test/attack.css'?>",
        "attack",
    ),
];

#[test]
fn no_attack_is_left_and_what_is_innocent_stays() {
    for (attack, sign) in ATTACKS {
        let whole = drawing(attack);
        // Without the sanitiser the attack is there.
        assert!(whole.contains(sign), "{attack}");
        let clean = clean(&whole);
        assert!(!clean.to_lowercase().contains(sign), "{attack}: {clean}");
        assert!(
            !clean.contains("evil") && !clean.contains("script"),
            "{attack}: {clean}"
        );
        assert!(clean.ends_with(&format!("{KEPT}</svg>")), "{attack}: {clean}");
        // What comes out goes in again and is the same.
        assert_eq!(super::kept(clean.as_bytes()).unwrap().svg(), clean, "{attack}");
    }
}

/// The list of attacks is not empty talk: a sanitiser that only forgot about scripts would pass most of them on.
#[test]
fn control_the_signs_are_seen_where_they_stand() {
    let left = ATTACKS
        .iter()
        .filter(|(attack, sign)| drawing(attack).replace("script", "").contains(sign));
    assert_eq!(left.count(), ATTACKS.len());
}

#[test]
fn what_the_root_says_itself_is_looked_at_too() {
    let clean = clean(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
        <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [<!ENTITY a "attack">]>
        <svg xmlns="http://www.w3.org/1999/xhtml" onload="attack()" width="210mm" viewBox="0,0 210 297" fill="none" style="stroke:#333">
        <text x="1" y="2">&a;Desk &amp; chair &#60;1&#62;</text><path d="M0 0L1 1&a;"/><path d="M0 0h9"/></svg>"#,
    );
    assert_eq!(
        clean,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 210 297\" width=\"1000\" height=\"1414\" fill=\"none\" stroke=\"#333\">\
         <text x=\"1\" y=\"2\">Desk &amp; chair &lt;1&gt;</text><path></path><path d=\"M0 0h9\"></path></svg>"
    );
}

#[test]
fn colours_styles_gradients_and_words_stay() {
    let inside = r##"<defs><linearGradient id="a"><stop offset="0" style="stop-color:#fff;stop-opacity:.5"/></linearGradient>
        <linearGradient id="b" xlink:href="#a"/></defs>
        <g id="walls" inkscape:label="Walls" class="x" style="fill:url(#b);stroke-width:2px;-inkscape-font-specification:Sans">
        <path d="M 0,0 L 3.5,-1e-3 z" transform="rotate(45 1 1)"/><text font-family="'DejaVu Sans', serif">Empfang &#228;</text></g>"##;
    let clean = clean(&drawing(inside));
    for kept in [
        r##"<stop offset="0" stop-color="#fff" stop-opacity=".5">"##,
        r##"<linearGradient href="#a" id="b">"##,
        r#"<g fill="url(#b)" id="walls" stroke-width="2px">"#,
        r#"<path d="M 0,0 L 3.5,-1e-3 z" transform="rotate(45 1 1)">"#,
        ">Empfang ä</text>",
    ] {
        assert!(clean.contains(kept), "{kept} in {clean}");
    }
    for gone in ["inkscape", "class", "style"] {
        assert!(!clean.contains(gone), "{gone} in {clean}");
    }
}

#[test]
fn what_is_no_plan_is_told_why() {
    let cases = [
        (String::new(), "Please choose an SVG file."),
        ("<html><svg viewBox='0 0 1 1'/></html>".to_owned(), "no SVG drawing"),
        (
            "<svg:svg xmlns:svg='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>".to_owned(),
            "no SVG drawing",
        ),
        ("GIF89a".to_owned(), "no SVG drawing"),
        ("<svg viewBox='0 0 10 5'><rect>".to_owned(), "no SVG"),
        ("<svg viewBox='0 0 10 5'></g></svg>".to_owned(), "no SVG"),
        (format!("<svg>{RECT}</svg>"), "how large it is"),
        (format!("<svg viewBox='0 0 0 5'>{RECT}</svg>"), "how large it is"),
        (
            format!("<svg width='10cm' height='5cm'>{RECT}</svg>"),
            "how large it is",
        ),
        (format!("<svg viewBox='0 0 999999 1'>{RECT}</svg>"), "long and narrow"),
        (
            "<svg viewBox='0 0 10 5'><image href='a.png'/></svg>".to_owned(),
            "Nothing is drawn",
        ),
        (drawing(&"<g>".repeat(80)), "nested"),
        (drawing(&"<g/>".repeat(20_001)), "20000 elements"),
        (
            format!("{}<svg viewBox='0 0 10 5'>{RECT}</svg>", drawing("")),
            "no SVG drawing",
        ),
        (drawing(&" ".repeat(MAX_BYTES)), "512 KiB"),
    ];
    for (svg, says) in cases {
        let sentence = refused(&svg);
        let head: String = svg.chars().take(60).collect();
        assert!(sentence.contains(says), "{head}: {sentence}");
    }
    let utf16: Vec<u8> = drawing("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(utf16);
    assert!(refused(b"<svg>\xff</svg>").contains("UTF-8"));
    assert_eq!(
        Plan::read(format!("<svg width='400px' height='200'>{RECT}</svg>").as_bytes())
            .unwrap()
            .height_per_mille(),
        500
    );
}

mod whatever_comes {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::events::BytesStart;

    const PIECES: [&str; 34] = [
        "<svg viewBox='0 0 10 5'>",
        "<svg xmlns='http://www.w3.org/1999/xhtml' onload='attack()'>",
        "</svg>",
        "<g id='a'>",
        "</g>",
        "<rect width='1' onclick='attack()'/>",
        "<path d='M0 0'/>",
        "<script>",
        "</script>",
        "<use href='#a'/>",
        "<image href='data:,attack'/>",
        "<style>",
        "</style>",
        "<text>",
        "</text>",
        "<a href='javascript:attack()'>",
        "</a>",
        "<foreignObject>",
        "</foreignObject>",
        "<![CDATA[<script>attack()</script>]]>",
        "<!-- -->",
        "<!DOCTYPE svg [<!ENTITY a '<script>'>]>",
        "&a;",
        "&#60;script&#62;",
        "&lt;script&gt;",
        "<set attributeName='href' to='javascript:attack()'/>",
        "<rect style='fill:url(//evil.test);stroke:red'/>",
        "<rect fill=\"url(#a)\" stroke='url(http://evil.test)'/>",
        "<linearGradient xlink:href='//evil.test#g'/>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>",
        "</x:script>",
        "\"'>",
        "attack()",
        "\u{0}\u{1b}\u{fffe}",
    ];

    /// Reads what came out with nothing of the sanitiser's own but its lists.
    fn assert_only_draws(svg: &str) {
        let mut reader = Reader::from_str(svg);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error}: {svg}")) {
                Event::Start(tag) => assert_tag(&tag, svg),
                Event::End(_) | Event::Text(_) | Event::GeneralRef(_) => {}
                Event::Eof => break,
                other => panic!("{other:?} in {svg}"),
            }
        }
    }

    fn assert_tag(tag: &BytesStart<'_>, svg: &str) {
        assert!(known_element(tag.name().as_ref()).is_some(), "{tag:?} in {svg}");
        for attribute in tag.attributes() {
            let attribute = attribute.unwrap_or_else(|error| panic!("{error}: {svg}"));
            let name = std::str::from_utf8(attribute.key.as_ref()).unwrap();
            let value = escape::unescape(std::str::from_utf8(&attribute.value).unwrap()).unwrap();
            if name == "xmlns" {
                assert_eq!(value, "http://www.w3.org/2000/svg");
                continue;
            }
            assert!(
                ["id", "href"].contains(&name) || known_attribute(name).is_some(),
                "{name} in {svg}"
            );
            assert!(!value.contains([':', '/', '\\', '<', '&']), "{name}={value} in {svg}");
            assert!(
                !value.contains("url(") || value.starts_with("url(#"),
                "{name}={value} in {svg}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]
        #[test]
        fn what_comes_out_only_draws(pieces in prop::collection::vec(0..PIECES.len(), 0..24), whole in any::<bool>()) {
            let inside: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
            let svg = if whole { drawing(&inside) } else { inside };
            if let Ok(plan) = Plan::read(svg.as_bytes()) {
                assert_only_draws(plan.svg());
                let again = Plan::read(plan.svg().as_bytes()).unwrap();
                prop_assert_eq!(again.svg(), plan.svg());
            }
        }
    }

    #[test]
    #[should_panic(expected = "script")]
    fn control_what_does_more_is_seen() {
        assert_only_draws("<svg><script></script></svg>");
    }
}
