/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Judges everything, writes nothing and says what would happen.
    DryRun,
    /// Carries out a list that has no faults.
    Apply,
}

/// What is wrong with one cell. The header is row 1, as a spreadsheet counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowError {
    pub file: &'static str,
    pub row: usize,
    /// The column's name; empty when the whole row is meant.
    pub column: String,
    pub message: String,
}

/// What became, or in a dry run would become, of one file's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub file: &'static str,
    pub created: usize,
    pub unchanged: usize,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub mode: Mode,
    pub files: Vec<Imported>,
    /// By file in the order of the import, then by row. Nothing was written where a list had any before it was applied.
    pub errors: Vec<RowError>,
}

impl Report {
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            mode,
            files: Vec::new(),
            errors: Vec::new(),
        }
    }
    pub fn created(&self) -> usize {
        self.files.iter().map(|file| file.created).sum()
    }
    pub fn unchanged(&self) -> usize {
        self.files.iter().map(|file| file.unchanged).sum()
    }
    pub(super) fn count(&mut self, file: &'static str, created: bool) {
        let place = self.files.iter().position(|known| known.file == file);
        let place = place.unwrap_or_else(|| {
            self.files.push(Imported {
                file,
                created: 0,
                unchanged: 0,
            });
            self.files.len() - 1
        });
        let counted = &mut self.files[place];
        if created {
            counted.created += 1;
        } else {
            counted.unchanged += 1;
        }
    }
}
