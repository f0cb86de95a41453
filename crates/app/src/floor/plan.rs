//! What may stand in the plan of a floor. A drawing comes from outside and is shown on the chain's own host, so nothing of
//! it is kept but what is known to draw: elements and attributes of a list, values without addresses. Everything is written
//! anew, so that what a browser reads is what was looked at, whatever the file looked like.

use coterie_domain::Refusal;
use quick_xml::{Reader, escape, events::BytesStart, events::Event};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};

/// The most bytes that a drawing has when it comes in.
pub const MAX_BYTES: usize = 512 * 1024;
const MAX_ELEMENTS: usize = 20_000;
const MAX_DEPTH: usize = 64;
/// Its height for each thousand of its width, at the least and at the most.
const SHAPES: std::ops::RangeInclusive<i32> = 100..=5_000;
/// The width that all plans are shown in.
pub const WIDTH: i32 = 1_000;

/// Those that hold others, without what repeats its content: a few of `use`, `pattern` or `mask` in each other would
/// keep a browser busy for ever.
const HOLDERS: [&str; 6] = ["svg", "g", "defs", "clipPath", "linearGradient", "radialGradient"];
const DRAWN: [&str; 7] = ["path", "rect", "circle", "ellipse", "line", "polyline", "polygon"];
const TEXTS: [&str; 4] = ["text", "tspan", "title", "desc"];
const OTHERS: [&str; 1] = ["stop"];

/// Where things are, and what they look like. None of them takes an address but those of `PAINTS`.
const ATTRIBUTES: [&str; 67] = [
    "alignment-baseline",
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "color",
    "cx",
    "cy",
    "d",
    "display",
    "dominant-baseline",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "lengthAdjust",
    "letter-spacing",
    "offset",
    "opacity",
    "overflow",
    "paint-order",
    "pathLength",
    "points",
    "preserveAspectRatio",
    "r",
    "rotate",
    "rx",
    "ry",
    "shape-rendering",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "text-decoration",
    "textLength",
    "transform",
    "vector-effect",
    "viewBox",
    "visibility",
    "width",
    "word-spacing",
    "writing-mode",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];
/// Those that may point at something else in the same drawing.
const PAINTS: [&str; 3] = ["fill", "stroke", "clip-path"];

/// A drawing that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    svg: String,
    height_per_mille: i32,
}

impl Plan {
    /// Keeps of a drawing what draws.
    ///
    /// # Errors
    /// What is too large, no SVG, broken, without a size, or has nothing to show, with a sentence.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        kept(bytes).map_err(|sentence| Refusal::field("no_plan", "plan", sentence))
    }

    pub fn svg(&self) -> &str {
        &self.svg
    }

    pub fn height_per_mille(&self) -> i32 {
        self.height_per_mille
    }

    /// In hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.svg.as_bytes()))
    }
}

fn kept(bytes: &[u8]) -> Result<Plan, String> {
    if bytes.is_empty() {
        return Err("Please choose an SVG file.".to_owned());
    }
    if bytes.len() > MAX_BYTES {
        return Err(format!("A plan has {} KiB at most.", MAX_BYTES / 1024));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "The file is no SVG in UTF-8.".to_owned())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut writing = Writing::default();
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("The file is no SVG: {error}."))?;
        match event {
            Event::Start(tag) => writing.open(&tag)?,
            Event::Empty(tag) => {
                writing.open(&tag)?;
                writing.close();
            }
            Event::End(_) => writing.close(),
            Event::Text(text) => writing.text(&text.decode().unwrap_or_default()),
            Event::CData(text) => writing.text(&text.decode().unwrap_or_default()),
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => Some(letter.to_string()),
                    Ok(None) => reference
                        .decode()
                        .ok()
                        .and_then(|name| escape::resolve_predefined_entity(&name))
                        .map(str::to_owned),
                    Err(_) => None,
                };
                writing.text(&known.unwrap_or_default());
            }
            // Declarations, entities, style sheets and remarks.
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => break,
        }
    }
    writing.finish()
}

#[derive(Default)]
struct Writing {
    out: String,
    /// What was opened, and whether it was kept.
    open: Vec<Option<&'static str>>,
    /// How many of those that are open are left out: so is all that is in them.
    left_out: usize,
    elements: usize,
    drawn: usize,
    height_per_mille: Option<i32>,
}

impl Writing {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(format!("A plan has {MAX_ELEMENTS} elements at most."));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("A plan is nested {MAX_DEPTH} deep at most."));
        }
        let known = known_element(tag.name().as_ref());
        if self.open.is_empty() {
            return self.root(tag, known);
        }
        let kept = known.filter(|_| self.left_out == 0);
        self.open.push(kept);
        let Some(name) = kept else {
            self.left_out += 1;
            return Ok(());
        };
        self.drawn += usize::from(DRAWN.contains(&name));
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes(tag, name) {
            self.attribute(attribute, &value);
        }
        self.out.push('>');
        Ok(())
    }

    /// Its namespace and size are said by the house.
    fn root(&mut self, tag: &BytesStart<'_>, known: Option<&'static str>) -> Result<(), String> {
        if known != Some("svg") || self.height_per_mille.is_some() {
            return Err("The file is no SVG drawing: it does not begin with one <svg> element.".to_owned());
        }
        let mut all = attributes(tag, "svg");
        let [left, top, width, height] = view_box(&all)
            .ok_or_else(|| "The drawing does not say how large it is: please give it a viewBox.".to_owned())?;
        let shape = (height * Decimal::from(WIDTH))
            .checked_div(width)
            .and_then(|shape| shape.round().to_i32())
            .filter(|shape| SHAPES.contains(shape))
            .ok_or_else(|| "The drawing is too long and narrow for a plan.".to_owned())?;
        for said in [
            "viewBox",
            "x",
            "y",
            "width",
            "height",
            "preserveAspectRatio",
            "overflow",
        ] {
            all.remove(said);
        }
        let _ = write!(
            self.out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{WIDTH}" height="{shape}""#
        );
        for (attribute, value) in all {
            self.attribute(attribute, &value);
        }
        self.out.push('>');
        self.open.push(Some("svg"));
        self.height_per_mille = Some(shape);
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.out, r#" {name}="{}""#, escape::escape(value));
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Some(name)) => {
                let _ = write!(self.out, "</{name}>");
            }
            Some(None) => self.left_out -= 1,
            None => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(Some(name)) = self.open.last()
            && TEXTS.contains(name)
            && self.left_out == 0
        {
            // What XML has no way to write would make the whole drawing unreadable.
            let plain: String = text
                .chars()
                .filter(
                    |letter| matches!(letter, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..),
                )
                .collect();
            self.out.push_str(&escape::escape(plain.as_str()));
        }
    }

    fn finish(self) -> Result<Plan, String> {
        let Some(height_per_mille) = self.height_per_mille.filter(|_| self.open.is_empty()) else {
            return Err("The file is no SVG drawing, or it ends in the middle.".to_owned());
        };
        if self.drawn == 0 {
            return Err("Nothing is drawn in it that a plan may show: lines, shapes and texts are kept, pictures and copies of other parts are not.".to_owned());
        }
        Ok(Plan {
            svg: self.out,
            height_per_mille,
        })
    }
}

/// Names are compared as they are written: with a prefix in front they are somebody else's.
fn known_element(name: &[u8]) -> Option<&'static str> {
    HOLDERS
        .iter()
        .chain(&DRAWN)
        .chain(&TEXTS)
        .chain(&OTHERS)
        .find(|known| known.as_bytes() == name)
        .copied()
}

fn known_attribute(name: &str) -> Option<&'static str> {
    ATTRIBUTES.into_iter().find(|known| *known == name)
}

/// What is kept of an element's attributes; a style's properties become attributes, which is all that they can do then.
fn attributes(tag: &BytesStart<'_>, element: &str) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    let mut style = String::new();
    for attribute in tag.attributes().with_checks(false).flatten() {
        let (Ok(name), Ok(raw)) = (
            std::str::from_utf8(attribute.key.as_ref()),
            std::str::from_utf8(&attribute.value),
        ) else {
            continue;
        };
        // A name that nobody declared, or that only the file's own entities say.
        let Ok(value) = escape::unescape(raw) else { continue };
        match name {
            "style" => style = value.into_owned(),
            "id" if is_name(&value) => drop(all.insert("id", value.into_owned())),
            // One gradient goes on from another.
            "href" | "xlink:href" if element.ends_with("Gradient") && value.strip_prefix('#').is_some_and(is_name) => {
                all.insert("href", value.into_owned());
            }
            _ => {
                if let Some(known) = known_attribute(name)
                    && is_plain(known, &value)
                {
                    all.insert(known, value.into_owned());
                }
            }
        }
    }
    for property in style.split(';') {
        if let Some((name, value)) = property.split_once(':')
            && let Some(known) = known_attribute(name.trim())
            && is_plain(known, value.trim())
        {
            all.insert(known, value.trim().to_owned());
        }
    }
    all
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Numbers, colours, names of fonts: no address can be written in these letters, save that of a part of the same drawing.
fn is_plain(name: &str, value: &str) -> bool {
    if PAINTS.contains(&name)
        && let Some(inside) = value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')'))
    {
        return is_name(inside);
    }
    let letters = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" \t\r\n.,#()%+-_'\"".contains(&byte));
    letters && !value.to_ascii_lowercase().contains("url")
}

/// Left, top, width and height: those of the viewBox, or the size in pixels.
fn view_box(all: &BTreeMap<&'static str, String>) -> Option<[Decimal; 4]> {
    let number = |text: &str| {
        let number = text.parse().or_else(|_| Decimal::from_scientific(text)).ok()?;
        let large = Decimal::from(1_000_000);
        (-large..=large).contains(&number).then_some(number)
    };
    let numbers: Vec<Decimal> = if let Some(said) = all.get("viewBox") {
        said.split([' ', ',', '\t', '\n', '\r'])
            .filter(|part| !part.is_empty())
            .map(number)
            .collect::<Option<_>>()?
    } else {
        let size = |name| number(all.get(name)?.trim().trim_end_matches("px"));
        vec![Decimal::ZERO, Decimal::ZERO, size("width")?, size("height")?]
    };
    let numbers: [Decimal; 4] = numbers.try_into().ok()?;
    (numbers[2] > Decimal::ZERO && numbers[3] > Decimal::ZERO).then_some(numbers)
}

#[cfg(test)]
mod tests;
