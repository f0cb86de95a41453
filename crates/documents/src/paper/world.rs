//! A world of four files for the typesetter: the template, the data, the logo and the fonts. It knows no clock and no disk.

use super::PaperError;
use serde_json::Value;
use std::sync::LazyLock;
use typst::{
    Library, LibraryExt as _, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const TEMPLATE: &str = include_str!("template.typ");
/// Results of earlier documents that are kept: the template and fonts are reused, old data soon goes.
const MAX_AGE: usize = 8;

/// What is the same for every document.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: FileId,
    logo: FileId,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts()
        .flat_map(|bytes| Font::iter(Bytes::new(bytes)))
        .collect();
    Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        template: Source::new(file("/template.typ"), TEMPLATE.to_owned()),
        data: file("/data.json"),
        logo: file("/logo.jpg"),
    }
});

fn file(path: &'static str) -> FileId {
    // These three paths are plain.
    let path = VirtualPath::new(path).unwrap_or_else(|_| unreachable!("a plain path"));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

struct Desk {
    data: Bytes,
    logo: Option<Bytes>,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }
    fn main(&self) -> FileId {
        SHARED.template.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == SHARED.template.id() {
            Ok(SHARED.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.logo {
            _ if id == SHARED.data => Ok(self.data.clone()),
            Some(logo) if id == SHARED.logo => Ok(logo.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }
    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Sets the template over its data.
pub(super) fn set(number: &str, data: &Value, logo: Option<&[u8]>) -> Result<Vec<u8>, PaperError> {
    let desk = Desk {
        data: Bytes::new(data.to_string().into_bytes()),
        logo: logo.map(|bytes| Bytes::new(bytes.to_vec())),
    };
    let laid_out = typst::compile::<PagedDocument>(&desk)
        .output
        .map_err(|errors| PaperError::Layout(number.to_owned(), told(&errors)));
    let written = laid_out.and_then(|document| {
        // The shape of an archive's PDF, with a file allowed inside. Nobody is told that it conforms.
        let standards = PdfStandards::new(&[PdfStandard::A_3b])
            .map_err(|hint| PaperError::Write(number.to_owned(), format!("{hint:?}")))?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("coterie {number}")),
            creator: Smart::Custom(Some("Coterie".to_owned())),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| PaperError::Write(number.to_owned(), told(&errors)))
    });
    typst::comemo::evict(MAX_AGE);
    written
}

fn told(errors: &[SourceDiagnostic]) -> String {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    messages.join("; ")
}
