//! What each person must be answered, and whether an answer is that.

use super::listed::Row;
use coterie_domain::organization::Role;
use coterie_web::Access;
use reqwest::Method;

/// Who tries a route of the chain "harbour". "Foreign" people and keys belong to the chain "quayside".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Stranger,
    /// Whose membership, bookings and invoices the ids are.
    Ada,
    /// A member of the same chain.
    Bob,
    Staff(Role),
    Key(Role),
    UnknownKey,
    ForeignMember,
    ForeignOwner,
    ForeignKey,
    /// Whoever runs the installation; not one of those who try everything, because at a chain she is a stranger.
    Administrator,
}

impl Who {
    pub const ALL: [Self; 13] = [
        Self::Stranger,
        Self::Ada,
        Self::Bob,
        Self::Staff(Role::Owner),
        Self::Staff(Role::Operator),
        Self::Staff(Role::Finance),
        Self::Key(Role::Owner),
        Self::Key(Role::Operator),
        Self::Key(Role::Finance),
        Self::UnknownKey,
        Self::ForeignMember,
        Self::ForeignOwner,
        Self::ForeignKey,
    ];
}

/// Whose ids stand in the path and in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The chain's own everywhere.
    Own,
    /// The other chain's in one parameter of the path, counted from 0.
    ForeignParameter(usize),
    /// The other chain's in the body alone.
    ForeignBody,
    /// The other chain's in every parameter of the path.
    Foreign,
}

/// What has to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// 303 to the sign-in page.
    SignIn,
    /// 401 as problem+json.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404: not even that it exists.
    NotFound,
    /// 404 or 405: nothing is here by that verb.
    Nothing,
    /// Any 4xx, or back to the form with a flash message that says what is wrong.
    Refused,
    /// None of the above: the caller is known, allowed, and has found it.
    Admitted,
    /// Whatever is not a failure of ours: everybody may ask.
    Anything,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub status: u16,
    pub location: String,
    pub content_type: String,
    /// Whether it leaves a flash message of an error.
    pub tells_error: bool,
}

/// Whether an answer is what had to come; if not, in words.
pub fn verdict(expected: Expected, seen: &Seen) -> Result<(), String> {
    let status = seen.status;
    let to_sign_in = status == 303 && seen.location.starts_with("/sign-in");
    let right = match expected {
        Expected::SignIn => to_sign_in,
        Expected::Unauthenticated => status == 401 && seen.content_type.starts_with("application/problem+json"),
        Expected::Forbidden => status == 403,
        Expected::NotFound => status == 404,
        Expected::Nothing => matches!(status, 404 | 405),
        Expected::Refused => (400..500).contains(&status) || (status == 303 && seen.tells_error),
        Expected::Admitted => !matches!(status, 401 | 403 | 404 | 405 | 500..) && !to_sign_in,
        Expected::Anything => status < 500,
    };
    if right {
        return Ok(());
    }
    let Seen {
        location, content_type, ..
    } = seen;
    Err(format!(
        "{expected:?} was expected, {status} {location}{content_type} came"
    ))
}

/// What somebody must be answered at the chain's own host.
pub fn at_chain(row: &Row, who: Who, whose: Whose) -> Expected {
    let found = match whose {
        Whose::Own => Expected::Admitted,
        // A list that is filtered by what nobody has is an empty list.
        Whose::ForeignBody if row.method == Method::GET => Expected::Anything,
        Whose::ForeignBody => Expected::Refused,
        Whose::ForeignParameter(_) | Whose::Foreign => Expected::NotFound,
    };
    // Which of the two reasons is told to whom neither may nor would find it is all the same.
    let forbidden = match whose {
        Whose::Own | Whose::ForeignBody => Expected::Forbidden,
        Whose::ForeignParameter(_) | Whose::Foreign => Expected::Refused,
    };
    match row.access {
        Access::Everywhere | Access::Public => Expected::Anything,
        Access::Platform | Access::PlatformAdmin => Expected::Nothing,
        Access::Token => Expected::Refused,
        Access::Member => match who {
            Who::Bob if row.has_personal_ids() => Expected::NotFound,
            Who::Ada | Who::Bob => found,
            Who::Staff(_) => forbidden,
            _ => Expected::SignIn,
        },
        Access::Staff(_) => match who {
            Who::Staff(role) if row.allows(role) => found,
            Who::Staff(_) | Who::Ada | Who::Bob => forbidden,
            _ => Expected::SignIn,
        },
        Access::ApiKey => match who {
            Who::Key(role) if row.allows(role) => found,
            Who::Key(_) => forbidden,
            _ => Expected::Unauthenticated,
        },
    }
}

/// What somebody must be answered at the installation's own host, with ids of "harbour". There the key alone says which
/// chain is meant, so a foreign key is known but finds nothing. `None`: it reaches the key's own chain, and rightly.
pub fn at_platform(row: &Row, who: Who, has_body: bool) -> Option<Expected> {
    Some(match (row.access, who) {
        (Access::Everywhere | Access::Platform, _) => Expected::Anything,
        (Access::PlatformAdmin, _) => Expected::SignIn,
        (Access::Token, _) => Expected::Refused,
        (Access::Public | Access::Member | Access::Staff(_), _) => Expected::Nothing,
        (Access::ApiKey, Who::ForeignKey) if !row.allows(Role::Owner) => Expected::Forbidden,
        (Access::ApiKey, Who::ForeignKey) if row.has_ids() => Expected::NotFound,
        (Access::ApiKey, Who::ForeignKey) if has_body && row.method == Method::GET => Expected::Anything,
        (Access::ApiKey, Who::ForeignKey) if has_body => Expected::Refused,
        (Access::ApiKey, Who::ForeignKey) => return None,
        (Access::ApiKey, _) => at_chain(row, who, Whose::Own),
    })
}
