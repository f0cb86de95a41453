//! Photos side by side, each with its words.

use askama::Template;
use coterie_domain::photo::PhotoAdded;

use super::prints_html;

/// The photos of one thing; nothing where there is none.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "components/photos.html")]
pub struct Photos {
    /// Address, words, width and height.
    photos: Vec<(String, String, i32, i32)>,
}

impl Photos {
    /// Photos whose pictures lie below an address: `/photos`.
    pub fn new(below: &str, photos: &[&PhotoAdded]) -> Self {
        let one = |photo: &&PhotoAdded| {
            let href = format!("{below}/{}", photo.photo_id);
            (href, photo.alt.clone(), photo.width, photo.height)
        };
        Self {
            photos: photos.iter().map(one).collect(),
        }
    }
}

prints_html!(Photos);
