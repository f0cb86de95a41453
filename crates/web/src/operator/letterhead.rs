//! How a legal entity's documents look: language, colour, logo, bank account, and whom to ask.

use axum::{extract::Path, response::Response};
use coterie_app::legal_entity::{self, LogoChange};
use coterie_domain::{
    LegalEntityId,
    catalogue::Catalogue,
    legal_entity::{Language, Letterhead, NewLetterhead},
};
use http::HeaderMap;
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    form::{Form, beside},
    legal_entities::HERE,
    sheet::{Html, Picture, Sheet},
};
use crate::{
    components::{Checkbox, Choice, Field, Select},
    failure::Failure,
    form::Submitted,
    pictures,
    upload::Upload,
};

pub(super) fn address(id: LegalEntityId) -> String {
    format!("{HERE}/{id}/letterhead")
}

/// The form, with what was said last.
pub(super) async fn show(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &catalogue, LegalEntityId(id), |form| form)?.show())
}

/// Says it anew.
pub(super) async fn set(desk: Desk, Path(id): Path<Uuid>, upload: Upload) -> Result<Response, Failure> {
    let id = LegalEntityId(id);
    let new = typed(&upload.submitted);
    let logo = if !upload.file.is_empty() {
        LogoChange::Take(upload.file)
    } else if upload.submitted.has("remove_logo") {
        LogoChange::Remove
    } else {
        LogoChange::Keep
    };
    match legal_entity::set_letterhead(&desk.house.app, &desk.caller(), id, &new, logo).await {
        Ok(done) => Ok(desk.done(done.position, "Documents look like this from now on.", &address(id))),
        Err(error) => {
            let failure = shown_again(error.into())?;
            let catalogue = desk.catalogue().await?;
            let again = |form: Form| form.refused(&upload.submitted, &failure);
            Ok(sheet(&desk, &catalogue, id, again)?.show_with(failure.status))
        }
    }
}

/// The logo of now.
pub(super) async fn logo(desk: Desk, Path(id): Path<Uuid>, asked: HeaderMap) -> Result<Response, Failure> {
    let id = LegalEntityId(id);
    let catalogue = desk.catalogue().await?;
    catalogue.legal_entity(id)?;
    let letterhead = catalogue.letterhead_of(id);
    let picture = legal_entity::logo_of(&desk.house.app, desk.tenant(), id, &letterhead).await?;
    pictures::answer(picture, &asked)
}

fn typed(submitted: &Submitted) -> NewLetterhead {
    let text = |name: &str| submitted.get(name).to_owned();
    NewLetterhead {
        language: text("language"),
        colour: text("colour"),
        account_holder: text("account_holder"),
        iban: text("iban"),
        bic: text("bic"),
        contact_name: text("contact_name"),
        contact_phone: text("contact_phone"),
        contact_email: text("contact_email"),
        register: text("register"),
    }
}

fn sheet(
    desk: &Desk,
    catalogue: &Catalogue,
    id: LegalEntityId,
    with: impl FnOnce(Form) -> Form,
) -> Result<Sheet, Failure> {
    let entity = &catalogue.legal_entity(id)?.fact;
    let letterhead = catalogue.letterhead_of(id);
    let form = with(form(id, &letterhead, catalogue.language_of(entity)));
    let mut parts = Vec::new();
    if letterhead.logo.is_some() {
        parts.push(Html::of(&Picture {
            src: format!("{HERE}/{id}/logo.jpg"),
            alt: format!("The logo of {}", entity.name),
        }));
    }
    parts.push(Html::of(&form));
    Ok(Sheet::set_up(desk, format!("Documents of {}", entity.name))
        .back("Legal entities", HERE)
        .lead("Invoices and credit notes keep the letterhead with which they were issued.")
        .card("letterhead", "Letterhead", &parts))
}

fn form(id: LegalEntityId, letterhead: &Letterhead, language: Language) -> Form {
    let bank = letterhead.bank.clone();
    let of_bank =
        |pick: fn(coterie_domain::legal_entity::BankAccount) -> String| bank.clone().map(pick).unwrap_or_default();
    let contact = &letterhead.contact;
    let languages = Language::ALL.map(|language| Choice::new(language.code(), language.name()));
    let form = Form::upload(address(id), "Change")
        .with(beside([
            Select::new("language", "Language", languages)
                .value(language.code())
                .hint("Of documents to customers who chose none.")
                .into(),
            Field::text("colour", "Colour")
                .value(&letterhead.colour)
                .hint("Such as #1f4e5f.")
                .attribute("maxlength", "7")
                .into(),
        ]))
        .with(
            Field::file("image", "Logo")
                .optional()
                .attribute("accept", "image/jpeg,image/png,image/webp")
                .hint("JPEG, PNG or WebP on white, at least 64 pixels high. Left empty, it stays as it is."),
        );
    let form = if letterhead.logo.is_some() {
        form.with(Checkbox::new("remove_logo", "Print no logo any more"))
    } else {
        form
    };
    form.with(beside([
        Field::text("iban", "IBAN")
            .value(of_bank(|bank| bank.iban))
            .optional()
            .hint("Where invoices are paid to that no card is charged for.")
            .attribute("maxlength", "42")
            .into(),
        Field::text("bic", "BIC")
            .value(of_bank(|bank| bank.bic))
            .optional()
            .attribute("maxlength", "11")
            .into(),
        Field::text("account_holder", "Account holder")
            .value(of_bank(|bank| bank.holder))
            .optional()
            .attribute("maxlength", "120")
            .into(),
    ]))
    .with(beside([
        Field::text("contact_name", "Whom to ask")
            .value(&contact.name)
            .optional()
            .hint("Such as Accounts.")
            .attribute("maxlength", "120")
            .into(),
        Field::text("contact_phone", "Telephone")
            .value(&contact.phone)
            .optional()
            .attribute("maxlength", "40")
            .into(),
        Field::email("contact_email", "Email")
            .value(&contact.email)
            .optional()
            .autocomplete("off")
            .into(),
    ]))
    .with(
        Field::text("register", "Entry in the commercial register")
            .value(&letterhead.register)
            .optional()
            .hint("Such as HRB 12345 B, Amtsgericht Charlottenburg.")
            .attribute("maxlength", "120"),
    )
}
