//! A QR code (ISO/IEC 18004) as a picture.

use qrcode::{QrCode, render::svg, types::QrError};

/// The side of the picture, in CSS pixels, at least.
const SIDE: u32 = 240;

/// Text as a QR code: SVG, black on white, with its quiet zone.
///
/// # Errors
/// When the text is longer than a code holds, some 2,900 bytes.
pub fn qr_code(text: &str) -> Result<String, QrError> {
    let code = QrCode::new(text)?;
    let mut picture = code.render::<svg::Color<'_>>();
    picture.min_dimensions(SIDE, SIDE);
    Ok(picture
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build())
}
