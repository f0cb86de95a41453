//! What becomes of a photo that comes in. It is decoded and written anew as a JPEG of a bounded size, so that nothing of
//! the file goes on: no place where it was taken, no camera, no second picture behind the first, no other format in disguise.

use crate::UseCaseError;
use coterie_domain::Refusal;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::jpeg::JpegEncoder, imageops,
};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use tokio::sync::Semaphore;

/// The most bytes that a photo has when it comes in.
pub const MAX_BYTES: usize = 6 * 1024 * 1024;
/// The longer side of what is kept, in pixels.
const SIDE: u32 = 1_600;
const MAX_SIDE: u32 = 12_000;
const MAX_PIXELS: u64 = 40_000_000;
const MIN_SIDE: u32 = 64;
/// Tried one after the other until it is small enough; the last one always is.
const QUALITIES: [u8; 3] = [85, 65, 40];
/// What is kept of a photo at the most, in bytes.
const KEPT_BYTES: usize = 2 * 1024 * 1024;
/// What a decoder may take, in bytes; and how many work at once.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
static AT_WORK: Semaphore = Semaphore::const_new(2);

/// A photo that can be shown: a JPEG without anything but its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

impl Shot {
    /// Writes a JPEG, PNG or WebP anew.
    ///
    /// # Errors
    /// What is too large, too small, of another format or broken, with a sentence.
    pub async fn take(bytes: Vec<u8>) -> Result<Self, UseCaseError> {
        let _turn = AT_WORK
            .acquire()
            .await
            .map_err(|_| UseCaseError::Busy("photos are not taken any more"))?;
        let shot = tokio::task::spawn_blocking(move || anew(&bytes))
            .await
            // A decoder that gave up altogether.
            .unwrap_or_else(|_| Err(BROKEN.to_owned()));
        Ok(shot.map_err(|sentence| Refusal::field("no_photo", "image", sentence))?)
    }

    /// In hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }
}

const BROKEN: &str = "The picture cannot be read to its end.";

fn anew(bytes: &[u8]) -> Result<Shot, String> {
    if bytes.is_empty() {
        return Err("Please choose a picture.".to_owned());
    }
    if bytes.len() > MAX_BYTES {
        return Err(format!("A photo has {} MiB at most.", MAX_BYTES / (1024 * 1024)));
    }
    // By its first bytes, whatever the file is called.
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| BROKEN.to_owned())?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)
    ) {
        return Err("Please choose a JPEG, PNG or WebP picture.".to_owned());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let told = |error: ImageError| match error {
        ImageError::Limits(_) => too_large(),
        _ => BROKEN.to_owned(),
    };
    let mut decoder = reader.into_decoder().map_err(told)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large());
    }
    if width < MIN_SIDE || height < MIN_SIDE {
        return Err(format!("A photo is at least {MIN_SIDE} pixels wide and high."));
    }
    // How the camera was held is the one thing that its notes say of the picture itself.
    let orientation = decoder.orientation().map_err(told)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(told)?;
    picture.apply_orientation(orientation);
    if picture.width() > SIDE || picture.height() > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    let picture = on_white(picture);
    let mut bytes = Vec::new();
    for quality in QUALITIES {
        bytes.clear();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode_image(&picture)
            .map_err(told)?;
        if bytes.len() <= KEPT_BYTES {
            break;
        }
    }
    Ok(Shot {
        bytes,
        width: picture.width(),
        height: picture.height(),
    })
}

fn too_large() -> String {
    format!(
        "A photo has {} million pixels at most and no side over {MAX_SIDE}.",
        MAX_PIXELS / 1_000_000
    )
}

/// A JPEG has no transparency.
fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let mut ground = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    imageops::overlay(&mut ground, &picture.into_rgba8(), 0, 0);
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(ground).into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgba([200, 20, 20, 255])
            } else {
                Rgba([0, 0, 0, 0])
            }
        }))
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let plain = if format == ImageFormat::Jpeg {
            DynamicImage::ImageRgb8(picture.to_rgb8())
        } else {
            picture.clone()
        };
        plain.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG that says where it was taken, and that the camera lay on its side.
    fn with_notes(jpeg: &[u8]) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
        // One entry: orientation, a short, 6 = to be turned by a quarter.
        exif.extend(b"\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        exif.extend(b"GPS 52.5200 N 13.4050 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend(length);
        bytes.extend(exif);
        bytes.extend(&jpeg[2..]);
        bytes.extend(b"<script>attack()</script>");
        bytes
    }

    fn has(bytes: &[u8], sign: &str) -> bool {
        bytes.windows(sign.len()).any(|window| window == sign.as_bytes())
    }

    #[test]
    fn nothing_of_the_file_goes_on_but_the_picture() {
        let file = with_notes(&written(&picture(200, 100), ImageFormat::Jpeg));
        let shot = anew(&file).unwrap();
        // It is turned as the notes said, and the notes are gone.
        assert_eq!((shot.width, shot.height), (100, 200));
        for sign in ["Exif", "GPS", "13.4050", "attack"] {
            // Without being written anew it would go on.
            assert!(has(&file, sign), "{sign}");
            assert!(!has(&shot.bytes, sign), "{sign}");
        }
        let again = image::load_from_memory_with_format(&shot.bytes, ImageFormat::Jpeg)
            .unwrap()
            .into_rgb8();
        // The left half of it was red, so the upper one is now.
        assert!(again.get_pixel(50, 20)[0] > 150 && again.get_pixel(50, 20)[1] < 80);
    }

    #[test]
    fn each_format_becomes_a_jpeg_of_bounded_size_on_white() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let shot = anew(&written(&picture(2_000, 500), format)).unwrap();
            assert_eq!((shot.width, shot.height), (1_600, 400), "{format:?}");
            let again = image::load_from_memory_with_format(&shot.bytes, ImageFormat::Jpeg)
                .unwrap()
                .into_rgb8();
            assert!(
                again.get_pixel(1_500, 200).0.iter().all(|part| *part > 240),
                "{format:?}"
            );
        }
    }

    /// The worst that there is: nothing in it is like what stands beside it.
    #[test]
    fn noise_is_kept_small_enough() {
        let mut seed = 1u32;
        let noise = RgbaImage::from_fn(SIDE, SIDE, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            Rgba([a, b, c, 255])
        });
        let shot = anew(&written(&DynamicImage::ImageRgba8(noise), ImageFormat::Jpeg)).unwrap();
        assert_eq!((shot.width, shot.height), (SIDE, SIDE));
        assert!(shot.bytes.len() <= KEPT_BYTES, "{}", shot.bytes.len());
    }

    #[test]
    fn what_is_no_photo_is_told_why() {
        let png = written(&picture(100, 100), ImageFormat::Png);
        let mut bomb = png.clone();
        // Its head says that it is 60,000 pixels wide and high; the checksum is mended.
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let checksum = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&checksum);
        let cases: [(Vec<u8>, &str); 7] = [
            (Vec::new(), "choose a picture"),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                "JPEG, PNG or WebP",
            ),
            (b"GIF89a\x01\0\x01\0".to_vec(), "JPEG, PNG or WebP"),
            (png[..png.len() / 2].to_vec(), "to its end"),
            (written(&picture(20, 100), ImageFormat::Png), "at least 64"),
            (bomb, "million pixels"),
            (vec![0xff; MAX_BYTES + 1], "6 MiB"),
        ];
        for (bytes, says) in cases {
            let sentence = anew(&bytes).unwrap_err();
            assert!(sentence.contains(says), "{says}: {sentence}");
        }
    }

    /// The checksum of a PNG's chunk.
    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 {
                    (crc >> 1) ^ 0xedb8_8320
                } else {
                    crc >> 1
                }
            })
        };
        !bytes.iter().fold(u32::MAX, step)
    }
}
