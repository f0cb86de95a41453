use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access,
    photo::Shot,
    picture::{self, Picture},
};
use coterie_domain::{
    LegalEntityId,
    legal_entity::{self, LegalEntityEvent, Letterhead, Logo, NewLetterhead},
};
use uuid::Uuid;

const MEDIA_TYPE: &str = "image/jpeg";

/// What becomes of the logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoChange {
    Keep,
    Remove,
    /// A JPEG, PNG or WebP; it is written anew, like a photo.
    Take(Vec<u8>),
}

/// Says how the documents of a legal entity look from now on. Those that were issued keep the letterhead they were issued with.
///
/// # Errors
/// Faulty fields, a picture that is none, an unknown legal entity; operators only.
pub async fn set_letterhead(
    app: &App,
    caller: &Caller,
    id: LegalEntityId,
    new: &NewLetterhead,
    logo: LogoChange,
) -> Outcome<LegalEntityId> {
    access::operates(caller)?;
    let shot = match &logo {
        LogoChange::Take(bytes) => Some(Shot::take(bytes.clone()).await?),
        LogoChange::Keep | LogoChange::Remove => None,
    };
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let before = catalogue.letterheads.get(&id).and_then(|set| set.logo.clone());
    let now = match (&shot, &logo) {
        (Some(shot), _) => Some(Logo {
            sha256: shot.sha256(),
            width: i32::try_from(shot.width).unwrap_or_default(),
            height: i32::try_from(shot.height).unwrap_or_default(),
        }),
        (None, LogoChange::Remove) => None,
        (None, _) => before,
    };
    let set = legal_entity::set_letterhead(id, new, now, &catalogue)?;
    if let (Some(shot), Some(logo)) = (shot, &set.logo) {
        picture::keep_in_op(&mut op, owner(id, logo), MEDIA_TYPE, &logo.sha256, &shot.bytes).await?;
    }
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [LegalEntityEvent::from(set)])?;
    op.commit(id).await
}

/// Every logo that there ever was is kept under a name of its own: a document that was issued with it is printed with it for ever.
fn owner(id: LegalEntityId, logo: &Logo) -> Uuid {
    Uuid::new_v5(&id.0, logo.sha256.as_bytes())
}

/// The logo that a letterhead names; `None` where it names none.
///
/// # Errors
/// When the database fails, or what is kept is not what the letterhead names.
pub async fn logo_of(
    app: &App,
    tenant: Uuid,
    id: LegalEntityId,
    letterhead: &Letterhead,
) -> Result<Option<Picture>, UseCaseError> {
    let Some(logo) = &letterhead.logo else { return Ok(None) };
    let picture = picture::read(app, tenant, owner(id, logo), &logo.sha256).await?;
    let missing = || UseCaseError::Broken(format!("the logo {} of {id} is gone", logo.sha256));
    picture.ok_or_else(missing).map(Some)
}
