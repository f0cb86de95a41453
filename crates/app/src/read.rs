//! Reading models: a transaction that speaks for one organization, and typed columns: ids by noun, instants as jiff's,
//! amounts with their currency.

use crate::{App, UseCaseError, clock};
use coterie_domain::{Money, Payer};
use jiff::{Timestamp, civil::Date};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer},
};
use sqlx::{PgConnection, Postgres, Row, Transaction, postgres::PgRow};
use uuid::Uuid;

/// Opens a transaction for reading; dropping it ends it.
pub(crate) async fn begin(app: &App, tenant: Uuid) -> Result<Transaction<'static, Postgres>, UseCaseError> {
    Ok(coterie_eventlog::begin(&app.pool, tenant).await?)
}

/// The organization's clock: wall time, or the test clock of a sandbox.
pub(crate) async fn now(conn: &mut PgConnection, tenant: Uuid) -> Result<Timestamp, UseCaseError> {
    let test_clock: Option<Option<jiff_sqlx::Timestamp>> =
        sqlx::query_scalar("select clock_now from organization where tenant_id = $1")
            .bind(tenant)
            .fetch_optional(conn)
            .await?;
    let test_clock = test_clock.ok_or(UseCaseError::NotFound)?;
    Ok(test_clock.map_or_else(clock::wall_now, jiff_sqlx::Timestamp::to_jiff))
}

/// Columns as the domain's types.
pub(crate) trait Columns {
    fn id<T: From<Uuid>>(&self, column: &str) -> Result<T, UseCaseError>;
    fn maybe_id<T: From<Uuid>>(&self, column: &str) -> Result<Option<T>, UseCaseError>;
    fn time(&self, column: &str) -> Result<Timestamp, UseCaseError>;
    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, UseCaseError>;
    fn date(&self, column: &str) -> Result<Date, UseCaseError>;
    fn maybe_date(&self, column: &str) -> Result<Option<Date>, UseCaseError>;
    /// Minor units of this column in the currency of the column `currency`.
    fn money(&self, minor: &str) -> Result<Money, UseCaseError>;
    /// The columns `payer_kind` and `payer_id`.
    fn payer(&self) -> Result<Payer, UseCaseError>;
    /// A name such as `action_required` as the enum that serialises to it.
    fn word<T: for<'de> Deserialize<'de>>(&self, column: &str) -> Result<T, UseCaseError>;
    /// A payload of the log.
    fn document<T: DeserializeOwned + Send + Sync + 'static>(&self, column: &str) -> Result<T, UseCaseError>;
}

impl Columns for PgRow {
    fn id<T: From<Uuid>>(&self, column: &str) -> Result<T, UseCaseError> {
        Ok(self.try_get::<Uuid, _>(column)?.into())
    }
    fn maybe_id<T: From<Uuid>>(&self, column: &str) -> Result<Option<T>, UseCaseError> {
        Ok(self.try_get::<Option<Uuid>, _>(column)?.map(T::from))
    }
    fn time(&self, column: &str) -> Result<Timestamp, UseCaseError> {
        Ok(self.try_get::<jiff_sqlx::Timestamp, _>(column)?.to_jiff())
    }
    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, UseCaseError> {
        let time: Option<jiff_sqlx::Timestamp> = self.try_get(column)?;
        Ok(time.map(jiff_sqlx::Timestamp::to_jiff))
    }
    fn date(&self, column: &str) -> Result<Date, UseCaseError> {
        Ok(self.try_get::<jiff_sqlx::Date, _>(column)?.to_jiff())
    }
    fn maybe_date(&self, column: &str) -> Result<Option<Date>, UseCaseError> {
        Ok(self
            .try_get::<Option<jiff_sqlx::Date>, _>(column)?
            .map(jiff_sqlx::Date::to_jiff))
    }
    fn money(&self, minor: &str) -> Result<Money, UseCaseError> {
        Ok(Money::new(self.try_get(minor)?, self.word("currency")?))
    }
    fn payer(&self) -> Result<Payer, UseCaseError> {
        let kind: String = self.try_get("payer_kind")?;
        Payer::from_parts(&kind, self.try_get("payer_id")?)
            .ok_or_else(|| UseCaseError::Broken(format!("a payer of the kind {kind}")))
    }
    fn word<T: for<'de> Deserialize<'de>>(&self, column: &str) -> Result<T, UseCaseError> {
        let text: String = self.try_get(column)?;
        let word: StrDeserializer<'_, serde::de::value::Error> = text.as_str().into_deserializer();
        T::deserialize(word).map_err(|error| UseCaseError::Broken(format!("column {column}: {error}")))
    }
    fn document<T: DeserializeOwned + Send + Sync + 'static>(&self, column: &str) -> Result<T, UseCaseError> {
        Ok(self.try_get::<sqlx::types::Json<T>, _>(column)?.0)
    }
}

/// Declares the states of a read model with the names that stand in its table, in URLs and in the API.
macro_rules! states {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.name() == name)
            }
        }
    };
}
pub(crate) use states;
